import type { SQSEvent } from 'aws-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import { SYSTEM } from '../../chat/model.ts';
import { COST, spendUnits } from '../../lambdas/runtime/spending.ts';
import {
  type Command,
  commands,
  examples,
  login,
  markRead,
  presence,
  sendMessage,
} from '../../protocol/index.ts';
import { BatchGetCommand, PutCommand, QueryCommand, UpdateCommand } from '../../store/documents.ts';
import { prices } from '../../tools/cost/prices.ts';
import { contextOf } from '../support/event.ts';
import { dynamo, given, reply } from './aws.ts';
import { commandHandler, handlerOf } from './handlers.ts';
import { http } from './http.ts';

// A user who is over their rate must still get out, and whoever is nobody yet has no rate.
const FREE = ['register', 'logout', 'ping', 'help'];

const device = { form: 'json', since: Date.now(), login: 'l' };
const devices = (name: string, count: number) => ({
  connections: Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, device])),
  pending: {},
});

const ask = async (command: Command, frame: object = examples[command.type].request) => {
  http.forget();
  return JSON.parse((await reply(commandHandler(command), frame)) ?? '') as { code?: string };
};

/** The bucket of whoever is asked about holds so much. */
function full(level: number): void {
  const item = (id: string) => ({ id, level, at: Date.now() });
  dynamo.on(BatchGetCommand).callsFake(({ RequestItems }) => {
    const keys: { id: string }[] = RequestItems.levels?.Keys ?? [];
    return { Responses: { levels: keys.map(({ id }) => item(id)), inboxes: [], members: [] } };
  });
}

/** What was put into buckets, in order. */
const poured = () =>
  dynamo
    .commandCalls(PutCommand, { TableName: 'levels' })
    .map(({ args: [{ input }] }) => input.Item as { id: string; level: number });

describe.each(commands.map((command: Command) => [command.type, command] as const))('%s', (type, command) => {
  const isFree = FREE.includes(type);

  test(`is ${isFree ? 'never refused' : 'refused, after a batch,'} to a user who is over their rate`, async () => {
    given({ loggedIn: { c1: 'user1' }, users: ['user1'] });
    full(1e9);
    const codes: (string | undefined)[] = [];
    // A batch is 20; the cheapest price is a half.
    for (let time = 0; time < 41 && codes.at(-1) !== 'rate_limited'; time++)
      codes.push((await ask(command)).code);
    if (isFree && type !== 'register') expect(codes).not.toContain('rate_limited');
    if (!isFree) expect(codes.at(-1)).toBe('rate_limited');
  });

  test('has a price, and only commands that must be free are free', () => {
    const { price } = command as { price: unknown };
    const asked =
      typeof price === 'function' ? price(command.request.parse(examples[command.type].request)) : price;
    if (isFree) expect(asked).toBe(0);
    else expect(asked).toBeGreaterThanOrEqual(0.5);
  });
});

// Each with one device.
const crowd = Object.fromEntries(
  Array.from({ length: 100 }, (_, index) => [`c${index}`, devices(`c${index}`, 1)]),
);

describe('a request that turns out dearer than its price', () => {
  beforeEach(() =>
    given({
      loggedIn: { c1: 'ann' },
      users: ['ann', 'bob'],
      history: { 'ann:bob': [{ seq: 7 }] },
      members: { 'ann:bob': ['ann', 'bob'] },
      inboxes: { ann: devices('a', 150), bob: devices('b', 150), ...crowd },
    }),
  );

  test('is charged afterwards for its cost: 300 posts are 300 millionths of a dollar, and a price covers ten', async () => {
    await ask(sendMessage, { type: 'SEND_MESSAGE', recipient: 'bob', content: 'hi' });
    expect(poured()).toMatchObject([{ id: 'requests of ann', level: 30 }]);
  });

  test('is charged for asking about many devices: a hundred are ten, of which twenty are noted', async () => {
    const usernames = Object.keys(crowd);
    for (let time = 0; time < 2; time++) await ask(presence, { type: 'presence', usernames });
    expect(poured()).toMatchObject([{ id: 'requests of ann', level: 20 }]);
  });

  test('is charged also if it is not a message', async () => {
    dynamo.on(UpdateCommand, { TableName: 'members' }).resolves({ Attributes: { read: 7 } });
    await ask(markRead, { type: 'mark_read', chat: 'bob', seq: 7 });
    expect(poured()).toMatchObject([{ id: 'requests of ann', level: 30 }]);
  });
});

describe('the cost of pending messages at a login', () => {
  const pages = 40;
  /** A login of a user with one chat pending, whose log takes some pages to read. */
  async function logInWithPending(): Promise<void> {
    dynamo.on(UpdateCommand, { TableName: 'inboxes' }).resolves({
      Attributes: { connections: { c1: device }, pending: { 'ann:bob': 1 } },
    });
    dynamo.on(QueryCommand, { TableName: 'history' }).callsFake(() => {
      spendUnits({ read: 80 * pages, write: 0 });
      return { Items: [{ chat_id: 'ann:bob', seq: 1, id: 'm1', sender: 'bob', content: 'hi', at: 1 }] };
    });
    http.forget();
    await reply(commandHandler(login), { type: 'login', username: 'ann' });
  }
  const charged = () => poured().filter(({ id }) => id === 'requests of ann');

  beforeEach(() => given({ users: ['ann', 'bob'] }));

  test('is not charged to a user who receives them', async () => {
    await logInWithPending();
    expect(charged()).toEqual([]);
  });

  test('is charged to a user who is gone before they are acknowledged, and can have them read again', async () => {
    http.answers(410);
    await logInWithPending();
    expect(charged()[0]?.level).toBeGreaterThanOrEqual(pages - 1);
  });
});

describe('the cost of a page of a large group', () => {
  /** The queue brings a page of members who are all away and owed; to read the list takes so many read units. */
  async function page(units: number, sender = 'ann'): Promise<void> {
    const stored = { chat_id: '#team', seq: 7, id: 'm7', sender, content: 'hi', at: Date.now() };
    dynamo.on(BatchGetCommand).callsFake(({ RequestItems }) => ({
      Responses: 'history' in RequestItems ? { history: [stored] } : {},
    }));
    const rows = ['bob', 'cem'].map((username) => ({ chat_id: '#team', username, since: 1, away: 1 }));
    // The mocked client has no middleware to count them.
    dynamo.on(QueryCommand, { TableName: 'members' }).callsFake(() => {
      spendUnits({ read: units, write: 0 });
      return { Items: rows };
    });
    const body = JSON.stringify({ chat: '#team', seq: 7, after: 'ann', copy: 'one' });
    await handlerOf('fanOut')({ Records: [{ body }] } as SQSEvent, contextOf());
  }

  const charged = () => poured().filter(({ id }) => id === 'requests of ann');

  test('is charged to its sender, though none of its members is online', async () => {
    await page(35);
    expect(charged()).toMatchObject([{ level: 35 * 0.0125 }]);
  });

  test('of a system message is charged to nobody', async () => {
    await page(35, SYSTEM);
    expect(poured().filter(({ id }) => id.startsWith('requests'))).toEqual([]);
  });

  test('is not charged where the charge costs as much', async () => {
    await page(11);
    expect(charged()).toEqual([]);
    await page(12);
    expect(charged()).toHaveLength(1);
  });
});

test('costs are those of AWS', async () => {
  const millionths = ({ dollars, per }: { dollars: number; per: number }) => (dollars / per) * 1e6;
  expect(COST).toEqual({
    post: millionths(prices.messages),
    write: millionths(prices.writes),
    read: millionths(prices.reads),
  });
});
