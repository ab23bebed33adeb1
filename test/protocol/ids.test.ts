import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cacheOf } from '../../clients/sdk/cache.ts';
import { memoryStore } from '../../clients/sdk/memory-store.ts';
import { chatIdOf, chatOfId, requestFieldsOf } from '../../clients/sdk/names.ts';
import { slicesOf } from '../../clients/sdk/slices.ts';
import { partOf, partOfUser } from '../../clients/sdk/store.ts';
import { fileNameOf } from '../../clients/terminal/file-name.ts';
import {
  checkFields,
  commands,
  decodeId,
  editMessage,
  encodeId,
  fetchHistory,
  nameFor,
  peerOf,
  privateChat,
  readFrame,
  sendMessage,
  sync,
  usersOf,
  writeReply,
} from '../../protocol/index.ts';
import { aMessage } from '../clients/view/views.ts';
import { anyId, distinct } from '../support/any-id.ts';

const ofProvider = (type: string, input: object) => {
  const command = commands.find((each) => each.type === type);
  if (!command) throw new Error(type);
  return checkFields(command, { ...input } as Record<string, unknown>, 'provided') as Record<string, unknown>;
};

test('an encoded id can be decoded, and has no separator of chat ids', () => {
  fc.assert(
    fc.property(anyId, (id) => {
      expect(decodeId(encodeId(id))).toBe(id);
      expect(encodeId(id)).not.toMatch(/[:#]/);
    }),
  );
});

test('a name is in chat ids unchanged', () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,31}$/), (name) => encodeId(name) === name));
});

test('no two pairs of users share a chat id, and their order does not matter', () => {
  fc.assert(
    fc.property(anyId, distinct, (me, [one, other]) => {
      expect(privateChat(me, one)).toBe(privateChat(one, me));
      if (me !== one && me !== other) expect(privateChat(me, one)).not.toBe(privateChat(me, other));
      expect([...usersOf(privateChat(me, one))].sort()).toEqual([me, one].sort());
      expect(peerOf(privateChat(me, one), me)).toBe(one);
      expect(nameFor(privateChat(me, one), one)).toBe(me);
      expect(privateChat(me, one)).not.toMatch(/^#/);
    }),
  );
});

test('the id of a chat leads its users to it, and nobody else', () => {
  fc.assert(
    fc.property(anyId, distinct, (me, [one, other]) => {
      expect(chatOfId(me, privateChat(me, one))).toEqual({ user: one });
      const isTheirs = me === one || me === other;
      expect(chatOfId(me, privateChat(one, other)) !== undefined).toBe(isTheirs);
      expect(chatOfId(me, '#team')).toEqual({ group: 'team' });
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const chat = chatOfId('ann', text);
      // Groups are the same in whatever case.
      if (chat && 'user' in chat) expect(chatIdOf('ann', chat)).toBe(text);
    }),
  );
  for (const wrong of ['', '#', 'ann', 'ann:', ':ann', 'bob:ann', 'ann:bob:cid', 'ann:%bob'])
    expect(chatOfId('ann', wrong)).toBeUndefined();
});

describe('with a provider, a field', () => {
  test('accepts any id unchanged, and a chat by its id or its user', () => {
    fc.assert(
      fc.property(anyId, anyId, (me, id) => {
        const chat = privateChat(me, id);
        expect(checkFields(sendMessage, { recipient: id, content: 'hi' }, 'provided').recipient).toBe(id);
        expect(checkFields(fetchHistory, { recipient: id }, 'provided').recipient).toBe(id);
        expect(checkFields(editMessage, { chat, seq: 1, content: 'x' }, 'provided').chat).toBe(chat);
        // By a field that names the user, the user is meant, whatever their id looks like.
        const by = checkFields(editMessage, { recipient: id, seq: 1, content: 'x' }, 'provided').chat;
        expect(decodeId(by)).toBe(id);
        expect(by).not.toMatch(/[#:]/);
        const cursors = JSON.parse(`{${JSON.stringify(chat)}:3}`);
        expect(checkFields(sync, { cursors, from_chat: chat }, 'provided')).toEqual({
          cursors,
          from_chat: chat,
        });
      }),
    );
  });

  test.each(['', ' ', 'a b', 'ä', 'a\n', '\x7f', 'x'.repeat(129), 7, null])('refuses %j', (id) => {
    expect(() => ofProvider('SEND_MESSAGE', { recipient: id, content: 'hi' })).toThrow('"recipient"');
  });

  test.each(['a:', ':a', 'a%:b', 'a%3a:b', 'a:b:c', '#', '#Ä', '%', '__proto__x:'])(
    'of a chat refuses %j',
    (chat) => {
      expect(() => ofProvider('mark_read', { chat })).toThrow('"chat" must be');
      expect(() => ofProvider('sync', { to_chat: chat })).toThrow('"to_chat" must be');
    },
  );

  test('that names a group means the group, though a user has the same name', () => {
    expect(ofProvider('mark_read', { group_id: 'Team' })).toEqual({ chat: '#team' });
    expect(ofProvider('mark_read', { groupname: '#team' })).toEqual({ chat: '#team' });
    expect(ofProvider('mark_read', { recipient: '#team' })).toEqual({ chat: '%23team' });
    expect(ofProvider('mark_read', { chat_id: '#team' })).toEqual({ chat: '#team' });
  });
});

test('without a provider accepts names alone', () => {
  for (const id of ['auth0|1', 'ann@example.com', 'a:b', '%23team', 'x'.repeat(33)])
    expect(() => checkFields(sendMessage, { recipient: id, content: 'hi' })).toThrow('"recipient" must be');
  expect(checkFields(sendMessage, { recipient: 'Ann', content: 'hi' }).recipient).toBe('ann');
});

test('of a line accepts any id, and the next page of a `sync` is requested with the fields of the last', () => {
  fc.assert(
    fc.property(anyId, anyId, fc.option(fc.nat(), { nil: undefined }), (me, id, from_seq) => {
      const { command, input } = readFrame(`send ${id} hi there`);
      expect(checkFields(command as typeof sendMessage, input, 'provided')).toEqual({
        recipient: id,
        content: 'hi there',
      });
      const from_chat = privateChat(me, id);
      const reply = { messages: [], more: true, next: { from_chat, from_seq } };
      const place = writeReply(sync, 'text', reply).split('more: ')[1];
      const line = readFrame(`sync ${from_chat}=5 ${place}`);
      expect(checkFields(sync, line.input, 'provided')).toEqual({
        cursors: { [from_chat]: 5 },
        from_chat,
        ...(from_seq !== undefined && { from_seq }),
      });
    }),
  );
});

describe('in a client', () => {
  test('chats are named as the service does, and its requests name the partner', () => {
    fc.assert(
      fc.property(anyId, anyId, (me, id) => {
        const chat = chatIdOf(me, { user: id });
        expect(chat).toBe(privateChat(me, id));
        expect(requestFieldsOf(me, chat)).toEqual({ recipient: id });
      }),
    );
  });

  test('no two users share a part of a store, and none is inside another', () => {
    fc.assert(
      fc.property(distinct, ([one, other]) => {
        const whole = memoryStore();
        partOf(whole, partOfUser(one)).set('started', '1');
        expect(partOf(whole, partOfUser(other)).keys('')).toEqual([]);
      }),
    );
  });

  test('forgetting one chat leaves the messages of others', () => {
    fc.assert(
      fc.property(anyId, distinct, (me, [one, other]) => {
        fc.pre(me !== one && me !== other);
        const cache = cacheOf(memoryStore());
        const [gone, kept] = [privateChat(me, one), privateChat(me, other)];
        for (const chat_id of [gone, kept]) cache.put(aMessage(1, { chat_id, content: chat_id }));
        cache.forget(gone);
        expect(cache.before(gone, 2, 1).messages).toEqual([]);
        expect(cache.before(kept, 2, 1).messages).toMatchObject([{ content: kept }]);
      }),
    );
  });

  test('cursors fit into their frames, whatever the ids', () => {
    fc.assert(
      fc.property(anyId, fc.uniqueArray(anyId, { minLength: 100, maxLength: 300 }), (me, ids) => {
        const cursors = Object.fromEntries(
          ids.map((id) => [privateChat(me, id), Number.MAX_SAFE_INTEGER] as const),
        );
        const slices = slicesOf(cursors);
        expect(Object.assign({}, ...slices.map((slice) => slice.cursors))).toEqual(cursors);
        for (const slice of slices) {
          const frame = JSON.stringify({ type: 'sync', ...slice });
          expect(Buffer.byteLength(frame)).toBeLessThan(31_000);
          expect(Object.keys(checkFields(sync, JSON.parse(frame), 'provided').cursors ?? {})).toHaveLength(
            Object.keys(slice.cursors).length,
          );
        }
      }),
      { numRuns: 10 },
    );
  });
});

test('no two ids share a file, also on a file system that ignores case, and names are unchanged', () => {
  fc.assert(
    fc.property(distinct, ([one, other]) => {
      expect(fileNameOf(one).toLowerCase()).not.toBe(fileNameOf(other).toLowerCase());
      expect(fileNameOf(one)).toMatch(/^[a-z0-9._%~-]{1,200}$/);
    }),
  );
  expect(fileNameOf('ann.b-c_9')).toBe('ann.b-c_9');
});
