import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claimPart, fixEnd } from '../../chat/delivery/fan-out-parts.ts';
import { groupProfile, userProfile } from '../../chat/profiles.ts';
import { lambdaRuntime } from '../../lambdas/runtime/lambda-runtime.ts';
import { groupChat, privateChat } from '../../protocol/index.ts';
import { copiesIn } from '../../store/copies.ts';
import { directoryIn } from '../../store/directory.ts';
import type { Table } from '../../store/table.ts';
import { anyId, distinct } from '../support/any-id.ts';

/** A table that only notes the keys of what is asked of it. @param key its name */
function notedBy(key: string): { table: Table; keys: string[] } {
  const keys: string[] = [];
  const client = {
    send: async ({ input }: { input: { Item?: Record<string, string>; Key?: Record<string, string> } }) => {
      keys.push((input.Item ?? input.Key)?.[key] ?? '');
      return {};
    },
  };
  return { table: { client: client as unknown as Table['client'], name: 'T' }, keys };
}

const GROUP = /^[a-z0-9][a-z0-9._-]{0,31}$/;
const groupName = fc.stringMatching(GROUP);

/** Two users, and groups, of which some are called like them. */
const everybody = fc
  .tuple(distinct, fc.uniqueArray(groupName, { minLength: 1, maxLength: 2 }))
  .map(([users, names]) => ({
    users,
    groups: [...new Set([...names, ...users.filter((id) => GROUP.test(id))])],
  }));

test('with a provider, each user, group and removal record has a key of its own', async () => {
  await fc.assert(
    fc.asyncProperty(everybody, async ({ users, groups }) => {
      const { table, keys } = notedBy('name');
      const directory = directoryIn(table, true);
      const written = { created: 1, attemptId: 'a' };
      for (const name of users) await directory.reserve({ ...written, name, kind: 'user' });
      for (const name of groups) {
        await directory.reserve({ ...written, name, kind: 'group' });
        for (const user of users) await directory.bar({ name, attemptId: 'a' }, user);
      }
      expect(keys).toHaveLength(users.length + groups.length * (1 + users.length));
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

test('each profile of a user, and of a group in each of its generations, has a key of its own', () => {
  fc.assert(
    fc.property(everybody, fc.nat(), ({ users, groups }, generation) => {
      const keys = [
        ...users.map(userProfile),
        ...groups.map((name) => groupProfile({ name, generation: undefined })),
        ...groups.map((name) => groupProfile({ name, generation })),
      ];
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

test('each part and page of a fan-out has a key of its own', async () => {
  await fc.assert(
    fc.asyncProperty(anyId, everybody, async (me, { users, groups }) => {
      const { table, keys } = notedBy('id');
      const ports = { copies: copiesIn(table), runtime: lambdaRuntime };
      for (const chat of [...groups.map(groupChat), ...new Set(users.map((each) => privateChat(me, each)))])
        for (const after of [undefined, ...users]) {
          const part = { chat, seq: 1, ...(after !== undefined && { after }), copy: 'c' };
          await claimPart(ports, part);
          await claimPart(ports, { ...part, tries: 1 });
          await fixEnd(ports, part, undefined);
        }
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});
