import { describe, expect, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { begin, browsers } from './browser.ts';

describe('a notice', () => {
  const { person, socketUrl } = browsers();

  /** Somebody new, as nobody may invite the same user soon again. */
  async function invites(group: string, username: string): Promise<void> {
    const owner = await connect(socketUrl);
    await owner.request({ type: 'register', username: `of-${group}` });
    await owner.request({ type: 'login', username: `of-${group}` });
    await owner.request({ type: 'create_group', group_name: group });
    const reply = await owner.request({ type: 'invite', group_id: group, username });
    expect(reply.status).toBe('invite_success');
    await owner.close();
  }

  test('of what failed in a dialog is in the dialog alone, and goes with it', async () => {
    const { page } = await person('alice');
    const nowhere = unique('nowhere');
    await begin(page, nowhere, 'Join group');
    await page.getByRole('dialog').getByRole('alert').waitFor();
    expect(await page.locator('[role="alert"]').count()).toBe(1);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.locator('[role="alert"]').count()).toBe(0);
  });

  test('of an invitation stays beside others until it is answered, be it elsewhere', async () => {
    const bob = await person('bob');
    const groups = [unique('crew'), unique('band'), unique('team')];
    for (const group of groups) await invites(group, bob.name);
    const list = bob.page.getByRole('region', { name: 'Invitations' });
    const [crew, band, team] = groups.map((group) => list.getByText(`invites you to ${group}.`));
    for (const each of [crew, band, team]) await each?.waitFor();
    await bob.page.reload();
    for (const each of [crew, band, team]) await each?.waitFor();
    const dialog = bob.page.getByRole('dialog', { name: 'Decline the invitation?' });
    await list.getByRole('button', { name: `Decline ${groups[0]}` }).click();
    await dialog.getByRole('button', { name: 'Decline' }).click();
    await crew?.waitFor({ state: 'detached' });
    await list.getByRole('button', { name: `Join ${groups[1]}` }).click();
    await bob.page.getByRole('heading', { level: 2, name: groups[1] }).waitFor();
    await band?.waitFor({ state: 'detached' });
    const device = await connect(socketUrl);
    await device.request({ type: 'login', username: bob.name });
    await device.request({ type: 'join_group', group_id: groups[2] });
    await device.close();
    await team?.waitFor({ state: 'detached' });
    // None of them comes again.
    await invites(unique('last'), bob.name);
    await list.getByText('invites you to last').waitFor();
    await bob.page.reload();
    await list.getByText('invites you to last').waitFor();
    expect(await list.getByRole('button').count()).toBe(2);
    await list.getByRole('button', { name: 'Decline' }).click();
    await dialog.getByRole('button', { name: 'Decline' }).click();
    await list.getByText('invites you to last').waitFor({ state: 'detached' });
    expect(await list.getByRole('button').count()).toBe(0);
  });
});
