import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { type Client, connect } from '../support/client.ts';
import { loginWithPending } from '../support/pending.ts';
import { type Life, lasting } from './life.ts';

const folder = new URL('.', import.meta.url);
const releases = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory());

describe.each(releases.map(({ name }) => name))('the data of %s', (release) => {
  const life: Life = JSON.parse(readFileSync(new URL(`${release}/life.json`, folder), 'utf8'));

  test('is all there, and people go on', async () => {
    const data = mkdtempSync(join(tmpdir(), 'parley-upgrade-'));
    onTestFinished(() => rmSync(data, { recursive: true, force: true }));
    cpSync(new URL(`${release}/data`, folder), data, { recursive: true });
    const warnings: string[] = [];
    const warn = (notice: string) => void warnings.push(notice);
    const cloud = await startCloud({ assembly: await ensureAssembly(), port: 0, data, warn });
    onTestFinished(() => cloud.close());
    expect(warnings).toEqual([]);

    const open = async () => {
      const client = await connect(cloud.url);
      onTestFinished(() => client.close());
      return client;
    };
    const entered = new Map<string, Client>();
    const enter = async (username: string) => {
      const client = entered.get(username) ?? (await open());
      if (!entered.has(username)) {
        const password = life.passwords[username];
        const login = { type: 'login', username, ...(password && { password }) };
        expect(await client.request(login)).toHaveProperty('status', 'login_success');
      }
      entered.set(username, client);
      return client;
    };

    for (const { as, request, reply } of [...life.asked, life.repeated]) {
      const answer = lasting(await (await enter(as)).request(request));
      expect(answer, `${as}: ${JSON.stringify(request)}`).toMatchObject(reply);
    }

    const { as, token } = life.token;
    const resumed = await open();
    expect(await resumed.request({ type: 'login', session_token: token })).toMatchObject({
      status: 'login_success',
      username: as,
    });
    const stranger = await open();
    const [[whose = ''] = []] = Object.entries(life.passwords);
    const wrong = { type: 'login', username: whose, password: 'wrong' };
    expect(await stranger.request(wrong)).toHaveProperty('status', 'login_fail');

    for (const { as, contents } of life.pending) {
      const pending = await loginWithPending(await open(), as, life.passwords[as]);
      const found: Record<string, string[]> = {};
      for (const { chat_id: chat, content } of pending) found[chat] = [...(found[chat] ?? []), content];
      expect(found, as).toEqual(contents);
    }

    const sender = await enter(life.repeated.as);
    const { client_message_id: _, ...request } = life.repeated.request as Record<string, unknown>;
    const { seq } = await sender.request({ ...request, content: 'of today' });
    expect(seq).toBe((life.repeated.reply.seq as number) + 1);
    await vi.waitFor(
      async () => expect(await resumed.arrived()).toEqual([expect.stringContaining('of today')]),
      60_000,
    );
  });
});
