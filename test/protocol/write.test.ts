import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ChatError,
  fetchHistory,
  listChats,
  ping,
  readFrame,
  requestId,
  sendMessage,
  sync,
  type WireMessage,
  writeEvent,
  writeFail,
  writePending,
  writePush,
  writeReply,
} from '../../protocol/index.ts';
import { anyText } from './any-text.ts';

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

  test('comes as a line to who writes lines', () => {
    expect(writeReply(ping, 'text', { timestamp }, 'r1')).toBe('pong');
    expect(
      writeReply(fetchHistory, 'text', { recipient: 'bob', messages: [toBob('hi'), toBob('x\ny')] }),
    ).toBe(`history\n${timestamp} ann hi\n${timestamp} ann x\\ny`);
    expect(writeReply(sync, 'text', { messages: [toTeam('hi')], more: true })).toBe(
      `sync_success\nreceive team ann: hi ${timestamp}\nmore`,
    );
    const chat = { chat_id: '#team', kind: 'group', name: 'team', last_seq: 0, read: 0, unread: 0 };
    expect(writeReply(listChats, 'text', { chats: [chat], next: { after_chat: '#team' } })).toBe(
      'list_chats_success\nteam group 0 - 0 unread\nmore: list_chats #team',
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

  test('of what is no command is JSON in either form', () => {
    const { command, form, problem } = readFrame('shout');
    const frame = writeFail(command, form, problem as ChatError);
    expect(JSON.parse(frame)).toMatchObject({ type: 'error', status: 'error', code: 'unknown_type' });
    expect(writeFail(undefined, 'json', problem as ChatError)).toBe(frame);
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

  test('of an event is JSON, or a line that names the chat as its reader does', () => {
    const read = { type: 'READ', chat_id: 'ann:bob', username: 'ann', seq: 4 } as const;
    expect(JSON.parse(writeEvent(read, 'json', 'ann'))).toEqual(read);
    expect(writeEvent(read, 'text', 'ann')).toBe('read ann ann 4');
    const typing = { type: 'TYPING', chat_id: '#team', username: 'ann' } as const;
    expect(writeEvent(typing, 'text', 'team')).toBe('typing team ann');
    const invited = { type: 'INVITED', group_id: 'team', by: 'ann' } as const;
    expect(writeEvent(invited, 'text', 'team')).toBe('invited team ann');
    expect(writeEvent({ ...invited, type: 'REMOVED' }, 'text', 'team')).toBe('removed team ann');
  });

  test('as a line shows what would drive a terminal or forge a line', () => {
    const line = writePush(toBob('a\nreceive eve\r\u001b[2J\u0085\u2028 tab\t.'), 'text');
    expect(line).toBe(`receive ann a\\nreceive eve\\u000d\\u001b[2J\\u0085\\u2028 tab\t. ${timestamp}`);
  });

  test('as a line is one line without control characters, whatever it says', () => {
    fc.assert(
      fc.property(anyText(), (content) => {
        const line = writePush(toBob(content), 'text');
        expect(line).not.toMatch(/[\p{Zl}\p{Zp}]|(?!\t)\p{Cc}/u);
      }),
    );
  });

  test('as JSON brings the content as it was sent', () => {
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

test('only a request_id that may be echoed is echoed', () => {
  for (const request_id of ['r1', '']) expect(requestId({ request_id })).toBe(request_id);
  for (const request_id of [undefined, null, 7, 'x'.repeat(65), '\ud800']) {
    expect(requestId({ request_id })).toBeUndefined();
  }
});
