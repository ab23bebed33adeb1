import { describe, expect, test } from 'vitest';
import { isolated } from '../../../clients/view/words.ts';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { begin, browsers, enterGroup, type Person, PHONE, say, sees, shot, talkTo } from './browser.ts';

describe('a group', () => {
  const { person, visitor, socketUrl } = browsers();

  const members = ({ page }: Person) => page.getByRole('complementary', { name: 'Members of' });
  const dialog = ({ page }: Person) => page.getByRole('dialog');

  /** Opens the list of members, and waits until it has them. */
  async function look(one: Person, count: string): Promise<void> {
    await one.page.getByRole('button', { name: 'Members', exact: true }).click();
    await members(one).getByRole('heading', { name: count }).waitFor();
  }

  /** Picks what may be done with a member, and confirms it. */
  async function manage(one: Person, name: string, what: string, confirm: string): Promise<void> {
    await members(one).getByRole('button', { name }).click();
    await dialog(one).getByRole('button', { name: what }).click();
    await dialog(one).getByRole('button', { name: confirm, exact: true }).click();
    await dialog(one).waitFor({ state: 'detached' });
  }

  test('is only for who is invited, and who is removed is told by whom', async () => {
    const [ann, ben, cid] = [await person('ann'), await person('ben', PHONE), await person('cid')];
    const group = unique('crew');
    await ann.page.getByRole('button', { name: 'New', exact: true }).click();
    await ann.page.getByLabel('Name of a user or a group').fill(group);
    await ann.page.getByRole('button', { name: 'Make group' }).click();
    await ann.page.getByLabel('Only invited people may join').check();
    await ann.page.getByRole('button', { name: 'Make group' }).click();
    await ann.page.getByRole('heading', { name: group, exact: true }).waitFor();
    await look(ann, '1 member');
    expect(await members(ann).getByLabel('Only invited people may join').isChecked()).toBe(true);
    // Whoever comes uninvited reads why it can't be, where they asked.
    const called = isolated(ann.name);
    const uninvited = `You can’t join without an invitation: ask ${called} to invite you.`;
    await begin(cid.page, group, 'Join group');
    await dialog(cid).getByText(uninvited).waitFor();
    await dialog(cid)
      .getByRole('button', { name: `Write to ${called}` })
      .waitFor();
    await cid.page.keyboard.press('Escape');
    // What can't be done is said beside the field.
    const field = members(ann).getByLabel('Invite somebody by name');
    const invite = members(ann).getByRole('button', { name: 'Invite', exact: true });
    await field.fill('n@me');
    await invite.click();
    await members(ann).getByRole('alert').getByText('A name has up to 32 letters').waitFor();
    const nobody = unique('nobody');
    await field.fill(`${nobody} ${cid.name}`);
    await invite.click();
    await members(ann).getByText(`${cid.name} is invited.`).waitFor();
    await members(ann).getByRole('alert').getByText('There is nobody called').waitFor();
    expect(await field.inputValue()).toBe(nobody);
    const invitation = cid.page.getByRole('button', { name: `Join ${group}` });
    await invitation.waitFor();
    // Still there for who comes back.
    await ann.page.reload();
    await look(ann, '1 member');
    await members(ann)
      .getByRole('button', { name: `Take back the invitation of ${isolated(cid.name)}` })
      .click();
    await invitation.waitFor({ state: 'detached' });
    await members(ann).getByRole('heading', { name: 'Invited' }).waitFor({ state: 'detached' });
    await field.fill(ben.name);
    await invite.click();
    await members(ann).getByText(`${ben.name} is invited.`).waitFor();
    expect(await field.inputValue()).toBe('');
    const open = members(ann).getByRole('region', { name: 'Invited' });
    await open.getByText(ben.name).first().waitFor();
    // Whoever shares the link to the group says who can follow it.
    await members(ann).getByText('Only people you invited can use it.').waitFor();
    await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await members(ann).getByRole('button', { name: 'Copy invitation link' }).click();
    await members(ann).getByText('Copied. Only people you invited can use it.').waitFor();
    const link = (await ann.page.evaluate('navigator.clipboard.readText()')) as string;
    // Where the browser copies nothing, it can be copied by hand.
    await ann.page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("denied"))');
    await members(ann).getByRole('button', { name: 'Copy invitation link' }).click();
    const byHand = members(ann).getByLabel('The link, to copy by hand');
    await byHand.focus();
    expect(await ann.page.evaluate('getSelection().toString()')).toBe(link);
    // The login page says where it leads, and after the login one is asked.
    const dan = await visitor({}, link);
    await dan.page.getByText('This link leads to the group').getByText(`#${group}`).waitFor();
    await ben.page.getByRole('button', { name: `Join ${group}` }).click();
    await ben.page.getByRole('heading', { name: group, exact: true }).waitFor();
    await ben.page.getByText('You joined.').waitFor();
    // Who isn't invited is told whom to ask, and offered nothing that would fail.
    const eve = await person('eve');
    const told = eve.page.getByRole('alert');
    const write = told.getByRole('button', { name: `Write to ${called}` });
    // A link that was typed names nobody: the service does, to who tries.
    await eve.page.goto(link.slice(0, link.lastIndexOf('/')));
    await told.getByRole('button', { name: 'Join' }).click();
    await told.getByText(uninvited).waitFor();
    await write.waitFor();
    expect(await told.getByRole('button', { name: 'Join' }).count()).toBe(0);
    await eve.page.goto(link);
    await told.getByText(`${isolated(group)} is invite-only: ask ${called}`).waitFor();
    expect(await told.getByRole('button', { name: 'Join' }).count()).toBe(0);
    await write.click();
    await eve.page.getByRole('heading', { name: ann.name, exact: true }).waitFor();
    await say(ben, 'Here I am.');
    // Else it may be refused once he is removed, and stay in his list as not sent.
    await sees(ann, 'Here I am.');
    // Nobody is told of a new member, who shows by writing at the latest.
    await members(ann).getByRole('heading', { name: '2 members' }).waitFor();
    await open.waitFor({ state: 'detached' });
    // What was said of it is said for as long as it is so.
    expect(await members(ann).getByText(`${ben.name} is invited.`).count()).toBe(0);
    await shot(ann.page, 'members');
    await look(ben, '2 members');
    // On a phone Back closes what covers the page.
    await ben.page.goBack();
    await members(ben).waitFor({ state: 'detached' });
    await ben.page.getByRole('heading', { name: group, exact: true }).waitFor();
    await look(ben, '2 members');
    expect(await members(ben).getByLabel('Invite').count()).toBe(0);
    await manage(ann, ben.name, 'Remove from the group', 'Remove');
    await members(ann).getByRole('heading', { name: '1 member' }).waitFor();
    await ben.page.getByRole('alert').getByText(`${ann.name}\u2069 removed you from`).waitFor();
    await ben.page.getByText('No chats yet.').waitFor();
    expect([...ann.complaints, ...ben.complaints, ...cid.complaints]).toEqual([]);
  });

  test('is opened, handed over, and left, which is asked before', async () => {
    const [ann, ben] = [await person('ann'), await person('ben')];
    const group = unique('crew');
    await enterGroup(ann, group, 'Make group');
    await enterGroup(ben, group, 'Join group');
    await look(ann, '2 members');
    const isClosed = members(ann).getByLabel('Only invited people may join');
    await isClosed.click();
    await expect.poll(() => isClosed.isChecked()).toBe(true);
    await isClosed.click();
    await expect.poll(() => isClosed.isChecked()).toBe(false);
    await members(ann).getByRole('button', { name: ann.name }).getByText('owner').waitFor();
    await manage(ann, ben.name, 'Hand the group over', 'Hand over');
    await members(ann).getByRole('button', { name: ben.name }).getByText('owner').waitFor();
    await isClosed.waitFor({ state: 'detached' });
    await ben.page.getByRole('alert').getByText(`You own \u2068${group}\u2069 now.`).waitFor();
    await look(ben, '2 members');
    await members(ben).getByLabel('Invite somebody by name').waitFor();
    // An owner who leaves hears what comes of it; so does the last member.
    await members(ben).getByRole('button', { name: 'Leave' }).click();
    await dialog(ben).getByText('it passes to whoever has been in it longest').waitFor();
    await ben.page.keyboard.press('Escape');
    await dialog(ben).waitFor({ state: 'detached' });
    await members(ben).getByRole('button', { name: 'Leave' }).click();
    await dialog(ben).getByRole('button', { name: 'Leave' }).click();
    await ben.page.getByText('Pick a chat, or start one.').waitFor();
    await ann.page.getByRole('alert').getByText(`You own \u2068${group}\u2069 now.`).waitFor();
    await ann.page.reload();
    await ann.page.getByRole('heading', { name: group, exact: true }).waitFor();
    await look(ann, '1 member');
    await members(ann).getByRole('button', { name: 'Leave' }).click();
    await dialog(ann).getByText('You are its last member: the group ends.').waitFor();
    await dialog(ann).getByRole('button', { name: 'Leave' }).click();
    await ann.page.getByText('No chats yet.').waitFor();
    expect([...ann.complaints, ...ben.complaints]).toEqual([]);
  });

  test('of hundreds lists them all, finds one by name, and draws only who is in sight', async () => {
    const ann = await person('ann');
    const group = unique('crowd');
    const FEW = 230;
    await enterGroup(ann, group, 'Make group');
    const prefix = unique('z');
    const one = await connect(socketUrl);
    for (let index = 0; index < FEW; index++) {
      const username = `${prefix}${String(index).padStart(3, '0')}`;
      await one.request({ type: 'register', username });
      await one.request({ type: 'login', username });
      await one.request({ type: 'join_group', group_id: group });
      await one.request({ type: 'logout' });
    }
    await one.close();
    await look(ann, `${FEW + 1} members`);
    await ann.page
      .locator('.presence')
      .getByText(`${FEW + 1} members`)
      .waitFor();
    const list = members(ann).getByRole('list');
    const lines = list.getByRole('button');
    await lines.first().focus();
    await ann.page.keyboard.press('ArrowDown');
    expect(await lines.nth(1).evaluate((each) => each.matches(':focus'))).toBe(true);
    // To the end, as far as pages come.
    const last = list.getByRole('button', { name: `${prefix}${FEW - 1}` });
    const furtherDown = async () => {
      await list.hover();
      await ann.page.mouse.wheel(0, 20_000);
      return last.count();
    };
    await expect.poll(furtherDown).toBe(1);
    expect(await lines.count()).toBeLessThan(200);
    await members(ann).getByLabel('Find a member').fill(`${prefix}007`);
    await expect.poll(() => lines.count()).toBe(1);
    await lines.click();
    await dialog(ann)
      .getByRole('button', { name: `Write to ${prefix}007` })
      .click();
    await ann.page.getByRole('heading', { name: `${prefix}007`, level: 2 }).waitFor();
    await say(ann, 'Hello!');
    await sees(ann, 'Hello!');
    expect(ann.complaints).toEqual([]);
  });

  test('that invites somebody is said, also while the list is out of sight, and for a time without a connection', async () => {
    const [ann, ben] = [await person('ann', PHONE), await person('ben')];
    /** Each by another: nobody may invite the same user twice within seconds. */
    const invite = async () => {
      const [group, owner] = [unique('crew'), unique('owner')];
      const device = await connect(socketUrl);
      await device.request({ type: 'register', username: owner });
      await device.request({ type: 'login', username: owner });
      await device.request({ type: 'create_group', group_name: group });
      const reply = await device.request({ type: 'invite', group_id: group, username: ann.name });
      expect(reply).toMatchObject({ status: 'invite_success' });
      await device.close();
      return `${owner} invites you to ${group}`;
    };
    const said = () => ann.page.locator('main > p[aria-live]').textContent();
    await talkTo(ann, ben.name);
    const one = await invite();
    await expect.poll(said).toBe(one);
    await ann.loseSocket();
    await ann.page.getByText('Offline.').waitFor();
    const [two, three] = [await invite(), await invite()];
    await ann.comeBack();
    await expect.poll(said).toBe(`${three}\n${two}`);
    await ann.page.reload();
    await ann.page.getByRole('button', { name: 'Back to chats, 3 with news' }).waitFor();
    expect(await said()).toBe('');
  });
});
