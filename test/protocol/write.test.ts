import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ChatError,
  fetchHistory,
  listChats,
  listMembers,
  ping,
  readFrame,
  register,
  requestId,
  sendMessage,
  sync,
  type WireMessage,
  writeEvent,
  writeFail,
  writePush,
  writePushes,
  writeReply,
} from '../../protocol/index.ts';
import { writePending } from '../../protocol/write.ts';
import { anyText } from './any-text.ts';

/** What drives a terminal, breaks a line or turns its direction; a tab is fine. */
const UNSAFE = /[\p{Zl}\p{Zp}\p{Bidi_Control}]|(?!\t)\p{Cc}/u;

const timestamp = '2024-08-21T10:02:00.000Z';
const common = { message_id: 'm1', chat_id: 'ann:bob', seq: 1, sender: 'ann', timestamp };
const toBob = (content: string): WireMessage => ({ ...common, recipient: 'bob', content });
const toTeam = (content: string): WireMessage => ({
  ...common,
  groupname: 'team',
  group_id: 'team',
  content,
});

describe('a reply', () => {
  test('carries type, status and the id of its request', () => {
    const frame = writeReply(ping, 'json', { timestamp }, 'r1');
    expect(JSON.parse(frame)).toEqual({ type: 'pong', status: 'pong', timestamp, request_id: 'r1' });
    expect(JSON.parse(writeReply(ping, 'json', { timestamp }))).not.toHaveProperty('request_id');
  });

  test('is a line for a client that writes lines', () => {
    expect(writeReply(ping, 'text', { timestamp }, 'r1')).toBe('pong');
    expect(
      writeReply(fetchHistory, 'text', { recipient: 'bob', messages: [toBob('hi'), toBob('x\ny')] }),
    ).toBe(`history\n${timestamp} ann hi\n${timestamp} ann x\\ny`);
    // Of a message that was deleted before its reader came.
    const gone = { ...toTeam(''), deleted: timestamp };
    expect(writePush(gone, 'text')).toBe(`receive team ann: (deleted) ${timestamp}`);
    expect(writeReply(fetchHistory, 'text', { recipient: 'team', messages: [gone] })).toBe(
      `history\n${timestamp} ann (deleted)`,
    );
    const next = { from_chat: '#team', from_seq: 8 };
    const page = { messages: [toTeam('hi')], more: true, next, oldest: { '#team': 7 } };
    expect(writeReply(sync, 'text', page)).toBe(
      `sync_success\nreceive team ann: hi ${timestamp}\noldest #team=7\nmore: from #team=8`,
    );
    const chat = { chat_id: '#team', kind: 'group', name: 'team', last_seq: 0, read: 0, unread: 0 };
    expect(writeReply(listChats, 'text', { chats: [chat], next: { after_chat: '#team' } })).toBe(
      'list_chats_success\nteam group 0 - 0 unread\nmore: list_chats #team',
    );
  });

  test('says in a line how an ambiguous word was understood', () => {
    const registered = (password?: string) =>
      writeReply(register, 'text', { username: 'alice' }, undefined, { username: 'alice', password });
    expect(registered()).toBe('register_success');
    expect(registered('Smith')).toMatch(
      /^register_success\n.* is alice; .* password\. .*: login alice PASSWORD$/,
    );
    expect(registered('Smith')).not.toContain('Smith');
    expect(writeReply(listChats, 'text', { chats: [] }, undefined, { after_chat: '#team' })).toBe(
      'list_chats_success after #team',
    );
    const members = { group_id: 'team', members: [] };
    expect(writeReply(listMembers, 'text', members, undefined, { group_id: 'team', after: 'bob' })).toBe(
      'list_members_success after bob',
    );
  });
});

describe('a refusal', () => {
  const error = new ChatError('not_logged_in', 'Log in first.');

  test('has the type of the command, a code for programs and a reason for people', () => {
    expect(JSON.parse(writeFail(sendMessage, 'json', error, 'r1'))).toEqual({
      type: 'MESSAGE_FAILED',
      status: 'send_fail',
      code: 'not_logged_in',
      reason: 'Log in first.',
      request_id: 'r1',
    });
    expect(writeFail(sendMessage, 'text', error, 'r1')).toBe('send_fail Log in first.');
  });

  const refused = (body: string): string => {
    const { command, form, problem } = readFrame(body);
    return writeFail(command, form, problem as ChatError);
  };

  test.each([
    ['shout', 'error There is no command "shout". Try: help'],
    ['', 'error The frame is empty. Try: help'],
    ['[1]', 'error There is no command "[1]". Try: help'],
    ['ping x', 'error Too many words. The form is: ping'],
    ['help me', 'error Too many words. The form is: help'],
  ])('of the line %j is a line', (line, answer) => {
    expect(refused(line)).toBe(answer);
  });

  test('of text that starts like a JSON object is JSON', () => {
    for (const body of ['{"type":"shout"}', ' {"type":', '{', '\n{}'])
      expect(JSON.parse(refused(body))).toMatchObject({ type: 'error', status: 'error' });
  });

  test('of a line is one line without control characters, whatever was typed', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const { form, problem } = readFrame(text);
        fc.pre(form === 'text' && problem !== undefined);
        expect(refused(text)).toMatch(/^\w+ ./);
        expect(refused(text)).not.toMatch(UNSAFE);
      }),
    );
    expect(refused('\u202etrohs')).toBe('error There is no command "\\u202etrohs". Try: help');
  });
});

describe('a push', () => {
  test('is JSON, or a line', () => {
    expect(JSON.parse(writePush(toBob('hi'), 'json'))).toEqual({ type: 'RECEIVE_MESSAGE', ...toBob('hi') });
    expect(JSON.parse(writePush(toTeam('hi'), 'json'))).toEqual({
      type: 'RECEIVE_GROUP_MESSAGE',
      ...toTeam('hi'),
    });
    expect(writePush(toBob('hi'), 'text')).toBe(`receive ann hi ${timestamp}`);
    expect(writePush(toTeam('hi'), 'text')).toBe(`receive team ann: hi ${timestamp}`);
  });

  test('of several messages is JSON with each as lists carry it; of one, it is as ever', () => {
    const both = [toTeam('hi'), toTeam('x\ny')];
    const [first, ...others] = writePushes(both);
    expect(JSON.parse(first?.frame ?? '')).toEqual({ type: 'MESSAGES', messages: both });
    expect(first?.messages).toBe(2);
    expect(others).toEqual([]);
    expect(writePushes([toTeam('hi')])).toEqual([{ frame: writePush(toTeam('hi'), 'json'), messages: 1 }]);
    expect(writePushes([])).toEqual([]);
  });

  test('of several messages has frames of at most 32,000 bytes, in order, but for one that is larger by itself', () => {
    const sizes = [15_000, 15_000, 15_000, 10, 10];
    const contents = [...sizes.map((size) => 'é'.repeat(size / 2)), '\u0001'.repeat(16_000), 'last'];
    const frames = writePushes(contents.map(toTeam));
    expect(frames.map(({ messages }) => messages)).toEqual([2, 3, 1, 1]);
    expect(frames.map(({ frame }) => Buffer.byteLength(frame) <= 32_000)).toEqual([true, true, false, true]);
    const read = frames.flatMap(({ frame }) => JSON.parse(frame).messages ?? [JSON.parse(frame)]);
    expect(read.map(({ content }) => content)).toEqual(contents);
  });

  test('of an event is JSON, or a line that names the chat as its reader does', () => {
    const read = { type: 'READ', chat_id: 'ann:bob', username: 'ann', seq: 4 } as const;
    expect(JSON.parse(writeEvent(read, 'json', 'ann'))).toEqual(read);
    expect(writeEvent(read, 'text', 'ann')).toBe('read ann ann 4');
    const typing = { type: 'TYPING', chat_id: '#team', username: 'ann' } as const;
    expect(writeEvent(typing, 'text', 'team')).toBe('typing team ann');
    const invited = { type: 'INVITED', group_id: 'team', by: 'ann' } as const;
    expect(writeEvent(invited, 'text', 'team')).toBe('invited team ann');
    expect(writeEvent({ ...invited, type: 'REMOVED' }, 'text', 'team')).toBe('removed team ann');
    expect(writeEvent({ type: 'JOINED', group_id: 'team' }, 'text', 'team')).toBe('joined team');
    expect(writeEvent({ type: 'LEFT', group_id: 'team' }, 'text', 'team')).toBe('left team');
  });

  test('as a line shows terminal commands and line breaks as escapes', () => {
    const line = writePush(toBob('a\nreceive eve\r\u001b[2J\u0085\u2028 tab\t.'), 'text');
    expect(line).toBe(`receive ann a\\nreceive eve\\u000d\\u001b[2J\\u0085\\u2028 tab\t. ${timestamp}`);
    // U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069.
    const turning = '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069';
    const shown = [...turning]
      .map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
    expect(writePush(toBob(turning), 'text')).toBe(`receive ann ${shown} ${timestamp}`);
  });

  test('as a line is one line without control characters, whatever it says', () => {
    fc.assert(
      fc.property(anyText(), (content) => {
        const line = writePush(toBob(content), 'text');
        expect(line).not.toMatch(UNSAFE);
      }),
    );
  });

  test('as JSON has the content unchanged', () => {
    fc.assert(
      fc.property(anyText(), (content) => {
        expect(JSON.parse(writePush(toBob(content), 'json')).content).toBe(content);
      }),
    );
  });
});

test('a page of what is pending says whether more follows', () => {
  expect(JSON.parse(writePending([toBob('hi')], true))).toEqual({
    type: 'pending_messages',
    messages: [toBob('hi')],
    more: true,
  });
});

test('only a valid request_id is echoed', () => {
  for (const request_id of ['r1', '']) expect(requestId({ request_id })).toBe(request_id);
  for (const request_id of [undefined, null, 7, 'x'.repeat(65), '\ud800']) {
    expect(requestId({ request_id })).toBeUndefined();
  }
});
