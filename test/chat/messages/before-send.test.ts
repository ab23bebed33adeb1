import { beforeEach, describe, expect, test, vi } from 'vitest';
import { deleteMessage, editMessage } from '../../../chat/messages/change-message.ts';
import { sendGroupMessage, sendMessage } from '../../../chat/messages/send.ts';
import type { Caller } from '../../../chat/model.ts';
import type { Asked, BeforeSend, Verdict } from '../../../chat/ports.ts';
import { type Service, service } from '../../support/chat.ts';
import type { AllPorts } from '../../support/memory.ts';

const ALLOW: Verdict = { verdict: 'allow' };
const DENY: Verdict = { verdict: 'deny', reason: 'Not here.' };
const REWRITE: Verdict = { verdict: 'rewrite', content: 'rewritten' };

let chat: Service;
let alice: Caller;
const beforeSend = vi.fn<BeforeSend>();
let ports: AllPorts;
beforeEach(() => {
  beforeSend.mockReset().mockResolvedValue(ALLOW);
  chat = service();
  chat.users('alice', 'bob');
  chat.group('team', 'alice', 'bob');
  alice = chat.online('alice', 'a1');
  chat.online('bob', 'b1');
  ports = { ...chat.ports, beforeSend };
});

const stored = (id: string) => Object.values(chat.state.history[id] ?? {}).map(({ content }) => content);
const asked = (): Asked[] => beforeSend.mock.calls.map(([each]) => each);

/** A message, and where it is. */
const kinds = [
  {
    kind: 'a message to a user',
    id: 'alice:bob',
    send: (more: object = {}, by: AllPorts = ports) =>
      sendMessage(by, { recipient: 'bob', content: 'hi', ...more }, alice),
  },
  {
    kind: 'a message to a group',
    id: '#team',
    send: (more: object = {}, by: AllPorts = ports) =>
      sendGroupMessage(by, { group_id: 'team', content: 'hi', ...more }, alice),
  },
];

describe.each(kinds)('$kind', ({ id, send }) => {
  test('that is allowed is stored as it is', async () => {
    expect(await send({ client_message_id: 'k' })).not.toHaveProperty('content');
    expect(stored(id)).toEqual(['hi']);
    expect(asked()).toEqual([
      { type: 'message', chat_id: id, sender: 'alice', content: 'hi', client_message_id: 'k' },
    ]);
  });

  test('that is denied stores nothing and reaches nobody, and its sender learns why', async () => {
    beforeSend.mockResolvedValue(DENY);
    const before = structuredClone({ ...chat.state, verdicts: {} });
    await expect(send()).rejects.toMatchObject({ code: 'rejected', message: 'Not here.' });
    expect({ ...chat.state, verdicts: {} }).toEqual(before);
  });

  test('that is rewritten is stored and delivered so, and the reply has the text', async () => {
    beforeSend.mockResolvedValue(REWRITE);
    expect(await send({ client_message_id: 'k' })).toMatchObject({ seq: 1, content: 'rewritten' });
    expect(stored(id)).toEqual(['rewritten']);
    expect(chat.framesOf('b1')).toEqual([expect.objectContaining({ content: 'rewritten' })]);
    // The same for whoever lost the reply.
    expect(await send({ client_message_id: 'k' })).toMatchObject({ seq: 1, content: 'rewritten' });
  });

  test('that is changed later is still answered like the first, without what became of it', async () => {
    const first = await send({ client_message_id: 'k' });
    const caller = { chat: id === '#team' ? id : 'bob', seq: 1 };
    await editMessage(ports, { ...caller, content: 'EDITED' }, alice);
    expect(await send({ client_message_id: 'k' })).toEqual(first);
    await deleteMessage(ports, caller, alice);
    expect(await send({ client_message_id: 'k' })).toEqual(first);
  });

  test('that is refused by itself is not asked about', async () => {
    await expect(send({ client_message_id: 'k', after_seq: 7 })).rejects.toMatchObject({
      code: 'bad_request',
    });
    expect(asked()).toEqual([]);
  });

  test('that is stored is not asked about again', async () => {
    const first = await send({ client_message_id: 'k' });
    beforeSend.mockResolvedValue(DENY);
    expect(await send({ client_message_id: 'k' })).toEqual(first);
    expect(await send({ client_message_id: 'k', after_seq: 0 })).toEqual(first);
    expect(asked()).toHaveLength(1);
  });

  test('that was denied stays so, whatever the function says now', async () => {
    beforeSend.mockResolvedValueOnce(DENY);
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(send({ client_message_id: 'k' })).rejects.toMatchObject({ code: 'rejected' });
    expect(stored(id)).toEqual([]);
    // Another message is another matter.
    await send({ client_message_id: 'other' });
    expect(stored(id)).toEqual(['hi']);
  });

  test('without a verdict is not stored, and may be sent again', async () => {
    beforeSend.mockRejectedValueOnce(new Error('no verdict'));
    await expect(send({ client_message_id: 'k' })).rejects.toThrow('no verdict');
    expect(stored(id)).toEqual([]);
    expect(await send({ client_message_id: 'k' })).toMatchObject({ seq: 1 });
  });

  test.each([
    ['allowed, then denied', ALLOW, DENY],
    ['denied, then allowed', DENY, ALLOW],
    ['rewritten, then denied', REWRITE, DENY],
    ['rewritten, then allowed', REWRITE, ALLOW],
  ])('that two attempts ask about at once has one outcome: %s', async (_, first, second) => {
    // Both are in the function, and both look at a log without the message.
    const verdicts = [first, second];
    let both = () => {};
    const met = new Promise<void>((done) => {
      both = done;
    });
    beforeSend.mockImplementation(async () => {
      const verdict = verdicts.shift() as Verdict;
      if (verdicts.length === 0) both();
      await met;
      return verdict;
    });
    const outcomes = await Promise.allSettled([
      send({ client_message_id: 'k' }),
      send({ client_message_id: 'k' }),
    ]);
    const codes = outcomes.map((each) => (each.status === 'rejected' ? each.reason.code : 'sent'));
    expect(new Set(codes).size).toBe(1);
    expect(stored(id)).toHaveLength(codes[0] === 'sent' ? 1 : 0);
    if (codes[0] === 'sent')
      for (const each of outcomes)
        expect((each as PromiseFulfilledResult<object>).value).toMatchObject({ seq: 1 });
  });

  test('with the same key and another text needs a verdict of its own', async () => {
    // The first is allowed, and dies before it is stored. Under its key comes what nobody may say.
    beforeSend.mockImplementation(async ({ content }) => (content === 'bad' ? DENY : ALLOW));
    const dying = { ...ports, history: { ...ports.history, put: () => Promise.reject(new Error('killed')) } };
    await expect(send({ client_message_id: 'k' }, dying as AllPorts)).rejects.toThrow();
    const other = send({ client_message_id: 'k', content: 'bad' });
    await expect(other).rejects.toMatchObject({ code: 'rejected' });
    expect(stored(id)).toEqual([]);
  });

  test('whose function died after the verdict gets that verdict', async () => {
    beforeSend.mockResolvedValueOnce(REWRITE).mockResolvedValueOnce(DENY);
    const dying = { ...ports, history: { ...ports.history, put: () => Promise.reject(new Error('killed')) } };
    await expect(send({ client_message_id: 'k' }, dying as AllPorts)).rejects.toThrow();
    expect(await send({ client_message_id: 'k' })).toMatchObject({ seq: 1, content: 'rewritten' });
    expect(stored(id)).toEqual(['rewritten']);
  });

  test('without an id of its own leaves no verdict behind', async () => {
    await send();
    expect(chat.state.verdicts).toEqual({});
  });

  test('of a backend is asked about, too, and said to be', async () => {
    alice = { ...alice, backend: { as: 'alice' } };
    await send();
    expect(asked()).toEqual([expect.objectContaining({ sender: 'alice', backend: true })]);
  });

  test('without the function costs no call more', async () => {
    const { ports: counted, calls } = chat.interrupted(-1, async () => {});
    await send({ client_message_id: 'k' }, { ...counted, beforeSend: undefined });
    const without = calls();
    const { ports: again, calls: callsAgain } = chat.interrupted(-1, async () => {});
    await send({ client_message_id: 'l' }, { ...again, beforeSend });
    // The chat is open by now, which saves calls; the verdict is the one more.
    expect(callsAgain()).toBeLessThanOrEqual(without + 1);
    expect(Object.keys(chat.state.verdicts)).toHaveLength(1);
  });
});

test('what is refused anyway is not asked about', async () => {
  await expect(sendMessage(ports, { recipient: 'nobody', content: 'x' }, alice)).rejects.toThrow();
  const attempt = sendGroupMessage(ports, { group_id: 'team', content: 'x' }, chat.online('eve', 'e1'));
  await expect(attempt).rejects.toMatchObject({ code: 'not_a_member' });
  expect(asked()).toEqual([]);
});

test('the same id in two chats, of two users or of a message and an edit is not the same message', async () => {
  beforeSend.mockResolvedValueOnce(DENY);
  const key = { client_message_id: 'k' };
  await expect(kinds[0]?.send(key)).rejects.toMatchObject({ code: 'rejected' });
  await kinds[1]?.send(key);
  await sendMessage(ports, { recipient: 'alice', content: 'hi', ...key }, { ...alice, connectionId: 'b1' });
  expect(stored('#team')).toEqual(['hi']);
  expect(stored('alice:bob')).toEqual(['hi']);
});

describe('an edit', () => {
  beforeEach(async () => {
    await kinds[1]?.send();
    beforeSend.mockClear();
  });
  const edit = (more: object = {}, by: AllPorts = ports) =>
    editMessage(by, { chat: '#team', seq: 1, content: 'changed', ...more }, alice);

  test('is asked about with the message that it changes', async () => {
    expect(await edit({ client_message_id: 'k' })).not.toHaveProperty('content');
    expect(asked()).toEqual([
      { type: 'edit', chat_id: '#team', sender: 'alice', content: 'changed', client_message_id: 'k', seq: 1 },
    ]);
    expect(stored('#team')[0]).toBe('changed');
  });

  test('that is denied changes nothing, also when it is repeated', async () => {
    beforeSend.mockResolvedValueOnce(DENY);
    const before = structuredClone(chat.state.history);
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(edit({ client_message_id: 'k' })).rejects.toMatchObject({ code: 'rejected' });
    expect(chat.state.history).toEqual(before);
  });

  test('that is rewritten is stored so, once', async () => {
    beforeSend.mockResolvedValueOnce(REWRITE).mockResolvedValue(DENY);
    const first = await edit({ client_message_id: 'k' });
    expect(first).toMatchObject({ seq: 2, content: 'rewritten' });
    expect(stored('#team')[0]).toBe('rewritten');
    expect(await edit({ client_message_id: 'k' })).toEqual(first);
    expect(asked()).toHaveLength(1);
  });

  test("of another's message is not asked about", async () => {
    await expect(edit({}, { ...ports, connections: chat.ports.connections })).resolves.toBeDefined();
    beforeSend.mockClear();
    const attempt = editMessage(
      ports,
      { chat: '#team', seq: 1, content: 'x' },
      { ...alice, connectionId: 'b1' },
    );
    await expect(attempt).rejects.toMatchObject({ code: 'unknown_message' });
    expect(asked()).toEqual([]);
  });
});
