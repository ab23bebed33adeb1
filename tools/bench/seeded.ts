import { openData } from '../../local/access.ts';
import { portsIn, tablesOf } from '../../store/tables.ts';

/** A group to write into the data of a service, with as many users, all of them members. */
export interface SeededGroup {
  name: string;
  members: number;
}

const AT_ONCE = 50;

/** The name of a seeded user. */
export const nameOf = (index: number): string => `user${String(index).padStart(5, '0')}`;

const EVERY_MS = 10_000;
let shown = performance.now();

/** Shows progress: in one line of a terminal, elsewhere a line every ten seconds. An empty text ends the line. */
export const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  if (process.stderr.isTTY || text === '' || performance.now() - shown < EVERY_MS) return;
  shown = performance.now();
  process.stderr.write(`${text}\n`);
};

/** Runs a task for each index, AT_ONCE at a time. */
export async function each(
  count: number,
  what: string,
  run: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let index = next++; index < count; index = next++) {
      await run(index);
      if (index % 100 === 0) progress(`${what}: ${index} of ${count}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Writes a group by the store's own code, which takes less time than requests. @param data the folder of a stopped service */
export async function seed(data: string, assembly: string, { name, members }: SeededGroup): Promise<void> {
  const { client, tableOf, close } = await openData(data, assembly);
  const { directory, credentials, inboxes, members: rows } = portsIn(tablesOf(client, tableOf));
  const created = Date.now();
  await directory.reserve({ name, kind: 'group', created, owner: nameOf(0), members, attemptId: 'bench' });
  await each(members, 'users', async (index) => {
    const username = nameOf(index);
    await directory.reserve({ name: username, kind: 'user', created, attemptId: username });
    await inboxes.create(username);
    await credentials.create({ username, attemptId: username });
    const attemptId = crypto.randomUUID();
    await rows.join({ chat: `#${name}`, username, role: 'member', since: 1, joined: created, attemptId });
  });
  await close();
}
