import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../chat/accounts/login.ts';
import { listMembers } from '../../chat/groups/list-members.ts';
import { listChats } from '../../chat/history/list-chats.ts';
import { sendMessage } from '../../chat/messages/send.ts';
import { INBOX_POINTERS, isFullInbox } from '../../chat/model.ts';
import { sync } from '../../chat/sync/sync.ts';
import * as protocol from '../../protocol/index.ts';
import { limits, privateChat, writeReply } from '../../protocol/index.ts';
import { callerAt, type Service, service } from '../support/chat.ts';

/** Of the greatest length, and made of what takes most in chat ids and in JSON. */
const longest = (index: number, char = index % 2 === 0 ? '%' : '"') =>
  `${String(index).padStart(4, '0')}${char.repeat(124)}`;
const me = `me${'%'.repeat(126)}`;

let chat: Service;
beforeEach(() => {
  chat = service();
  chat.state.areApart = true;
});

function usersOf(ids: readonly string[]): void {
  chat.users(...ids);
  for (const name of ids) chat.state.names[`@${name}`] = { name, kind: 'user', created: 0, attemptId: name };
}

describe('an inbox', () => {
  test('holds as many chats of users with the longest names', () => {
    const name = (index: number) => `${String(index).padStart(4, '0')}${'n'.repeat(28)}`;
    const chats = Array.from({ length: INBOX_POINTERS }, (_, index) =>
      privateChat('m'.repeat(32), name(index)),
    );
    expect(isFullInbox(chats.slice(1))).toBe(false);
    expect(isFullInbox(chats)).toBe(true);
  });

  test('of long ids holds fewer, so that it stays small, and the rest is pending as well', async () => {
    const senders = Array.from({ length: 12 }, (_, index) => longest(index));
    usersOf([me, ...senders]);
    for (const sender of senders) {
      const caller = chat.online(sender, `of ${sender}`);
      await sendMessage(chat.ports, { recipient: me, content: `by ${sender}` }, caller);
    }
    expect(Object.keys(chat.state.inboxes[me]?.pending ?? {}).join('').length).toBeLessThan(3_250 + 800);
    expect(chat.state.overflow[me]?.length).toBeGreaterThan(0);
    chat.state.sockets.m1 = { open: true, frames: [] };
    await login(chat.ports, { username: me }, callerAt('m1'));
    const frames = chat.framesOf('m1') as {
      pending_messages?: { content: string }[];
      messages?: { content: string }[];
    }[];
    const contents = frames.flatMap(({ pending_messages = [], messages = [] }) =>
      [...pending_messages, ...messages].map(({ content }) => content),
    );
    expect(contents.sort()).toEqual(senders.map((sender) => `by ${sender}`).sort());
    expect(chat.state.inboxes[me]?.pending).toEqual({});
    expect(chat.state.overflow[me] ?? []).toEqual([]);
  });
});

const frameBytes = (text: string) => Buffer.byteLength(text);

describe('a page', () => {
  const requestId = '\u0001'.repeat(64);

  test('of members fits into a frame, and all pages together have each member once', async () => {
    const members = Array.from({ length: 150 }, (_, index) => longest(index, '"')).sort();
    usersOf(members);
    chat.group('team', ...members);
    const caller = chat.online(members[0] as string, 'c1');
    const listed: string[] = [];
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page = await listMembers(
        chat.ports,
        { group_id: 'team', limit: 200, ...(after && { after }) },
        caller,
      );
      expect(frameBytes(writeReply(protocol.listMembers, 'json', page, requestId))).toBeLessThanOrEqual(
        limits.frameBytes,
      );
      listed.push(...page.members.map(({ username }) => username));
      after = page.next?.after;
    }
    expect(listed).toEqual(members);
  });

  test('of chats, and of what follows cursors, fits into a frame', async () => {
    const others = Array.from({ length: 120 }, (_, index) => longest(index));
    usersOf([me, ...others]);
    const caller = chat.online(me, 'm1');
    for (const recipient of others) await sendMessage(chat.ports, { recipient, content: 'hi' }, caller);
    const names: string[] = [];
    for (let next: object | undefined = {}; next; ) {
      const page: Awaited<ReturnType<typeof listChats>> = await listChats(chat.ports, next, caller);
      expect(frameBytes(writeReply(protocol.listChats, 'json', page, requestId))).toBeLessThanOrEqual(
        limits.frameBytes,
      );
      names.push(...page.chats.map(({ name }) => name));
      next = page.next;
    }
    expect(names.sort()).toEqual([...others].sort());
    const found: string[] = [];
    for (let next: object | undefined = {}; next; ) {
      const page: Awaited<ReturnType<typeof sync>> = await sync(chat.ports, { cursors: {}, ...next }, caller);
      expect(frameBytes(writeReply(protocol.sync, 'json', page, requestId))).toBeLessThanOrEqual(
        limits.frameBytes,
      );
      found.push(...page.messages.map(({ chat_id }) => chat_id));
      next = page.next;
    }
    expect(found.sort()).toEqual(others.map((each) => privateChat(me, each)).sort());
  });

  const every50th = (content: string) => (index: number) => (index % 50 === 0 ? [content] : []);
  test.each([
    // `oldest` is largest with the longest names and the largest seqs.
    ['none has messages', Number.MAX_SAFE_INTEGER - 10, () => []],
    [
      'the first fills a page',
      5,
      (index: number) => (index === 0 ? ['x'.repeat(15_500), 'x'.repeat(15_500)] : []),
    ],
    ['every 50th has a message that takes half a page', 5, every50th('x'.repeat(limits.contentBytes))],
    [
      'every 50th has a message that takes more than a page',
      5,
      every50th('\u0001'.repeat(limits.contentBytes)),
    ],
  ])('of 500 groups of names that were taken again fits into a frame: %s', async (_, since, contentsOf) => {
    const groups = Array.from(
      { length: limits.groups },
      (_, index) => `#${String(index).padStart(limits.nameLength, '0')}`,
    );
    chat.users('me', 'bob');
    const caller = chat.online('me', 'm1');
    const written: string[] = [];
    for (const [index, id] of groups.entries()) {
      chat.group(id.slice(1), 'me', 'bob');
      for (let seq = 1; seq < 5; seq++)
        await chat.write({ chat: id, sender: 'bob', content: 'of the old group' });
      for (const row of Object.values(chat.state.members[id] ?? {}))
        Object.assign(row, { since, first: since, generation: 1 });
      for (const content of contentsOf(index)) {
        await chat.write({ chat: id, sender: 'bob', content, generation: 1 });
        written.push(id);
      }
    }
    const cursors = Object.fromEntries(groups.map((id) => [id, 3]));
    const noted: string[] = [];
    const found: string[] = [];
    for (let next: object | undefined = {}; next; ) {
      const page: Awaited<ReturnType<typeof sync>> = await sync(chat.ports, { cursors, ...next }, caller);
      const { messages, oldest = {} } = page;
      // A message that takes more than a page has a page of its own.
      const isAlone = messages.length === 1 && page.oldest === undefined;
      if (!isAlone)
        expect(frameBytes(writeReply(protocol.sync, 'json', page, requestId))).toBeLessThanOrEqual(
          limits.frameBytes,
        );
      expect(new Set(Object.values(oldest))).toEqual(new Set(page.oldest && [since]));
      noted.push(...Object.keys(oldest));
      found.push(...messages.map(({ chat_id }) => chat_id));
      next = page.next;
    }
    expect(noted).toEqual(groups);
    expect(found).toEqual(written);
  });
});
