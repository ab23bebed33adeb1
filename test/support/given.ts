import { appendFileSync } from 'node:fs';
import { expect, inject, onTestFinished } from 'vitest';
import { type Client, connect } from './client.ts';
import { type Configured, withCredentials } from './configured.ts';

export type { Client } from './client.ts';

interface Users {
  (count: 2): Promise<[Client, Client]>;
  (count: 3): Promise<[Client, Client, Client]>;
  (count: number): Promise<Client[]>;
}

const AT_ONCE = 8;
let names = 0;
const run = Math.random().toString(36).slice(2, 8) + Date.now().toString(36).slice(-4);

/** A name that no test has used before, on a deployed stage neither. */
export function unique(what: string): string {
  names += 1;
  return `${what}-${run}-${process.pid % 1000}-${names}`;
}

/** The words of the e2e suites. */
export const given = scene(() => inject('chatUrl'));

/** What the service under test is configured as; a cloud of the test's own asks for nothing that a new one does not. */
export const configured = (): Configured => inject('configured') ?? { passwords: 'optional' };

/** A connection that sends what this service asks for, and keeps what must be in no log, for test/after/no-secrets.ts. */
export async function connection(url: string): Promise<Client> {
  const client = await connect(url);
  const file = inject('secretsFile');
  const send = client.send.bind(client);
  client.send = (text) => {
    if (file) appendFileSync(file, `${JSON.stringify(text)}\n`);
    send(withCredentials(text, configured()));
  };
  return client;
}

/** Registers; where so many may not do so at once, when the service says that it is this one's turn. */
export async function register(client: Client, username: string): Promise<void> {
  for (;;) {
    const reply = await client.request({ type: 'register', username });
    if (reply.code !== 'rate_limited') return expect(reply).toHaveProperty('status', 'register_success');
    await new Promise((done) => setTimeout(done, reply.retry_after_ms));
  }
}

/**
 * The words that tests are told in, for any cloud. What a test opens, its end closes.
 * @param tokenOf signs a token for a user, if they come from an identity provider
 */
export function scene(url: () => string, tokenOf?: (claims: { sub: string }) => string) {
  /** A connection that nobody has logged in on. At its end nothing may have come that the test did not take. */
  async function aStranger(): Promise<Client> {
    const client = await connection(url());
    onTestFinished(async ({ task }) => {
      const passed = task.result?.state !== 'fail' && client.socket.readyState === client.socket.OPEN;
      const surplus = passed ? await client.arrived() : [];
      await client.close();
      expect(surplus, `frames that ${client.name || 'a stranger'} did not expect`).toEqual([]);
    });
    return client;
  }

  /** A name that is registered, by a connection which is closed again. */
  async function someoneAway(name = unique('away')): Promise<string> {
    const client = await aStranger();
    await (tokenOf ? device(name, 'json', client) : register(client, name));
    await client.close();
    return name;
  }

  /** A connection logged in as a user who has been registered; it takes the login's reply. */
  async function device(name: string, form: 'json' | 'text' = 'json', on?: Client): Promise<Client> {
    const client = on ?? (await aStranger());
    client.name = name;
    const token = tokenOf?.({ sub: name });
    if (form === 'text') expect(await client.say(`login ${token ?? name}`)).toBe('login_success');
    else
      expect(
        await client.request({ type: 'login', ...(token ? { token } : { username: name }) }),
      ).toHaveProperty('status', 'login_success');
    return client;
  }

  /** A new user, online. */
  async function aUser(form: 'json' | 'text' = 'json', name = unique('user')): Promise<Client> {
    const client = await aStranger();
    if (!tokenOf) await register(client, name);
    return device(name, form, client);
  }

  /** New users, online. */
  const users = (async (count: number) => {
    const all: Client[] = [];
    // A few at a time: with a password, each takes the service a second of a core.
    while (all.length < count) {
      const few = Math.min(count - all.length, AT_ONCE);
      all.push(...(await Promise.all(Array.from({ length: few }, () => aUser()))));
    }
    return all;
  }) as Users;

  /** A new group; the first is its creator. */
  async function aGroup(creator: Client, ...members: Client[]): Promise<string> {
    const group = unique('group');
    expect(await creator.request({ type: 'create_group', group_name: group })).toMatchObject({
      group_id: group,
    });
    for (const member of members) {
      const reply = await member.request({ type: 'join_group', group_id: group });
      expect(reply.status).toBe('join_group_success');
    }
    return group;
  }

  return { aStranger, someoneAway, device, aUser, users, aGroup };
}
