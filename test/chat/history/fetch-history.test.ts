import { beforeEach, describe, expect, test } from 'vitest';
import { fetchHistory } from '../../../chat/history/fetch-history.ts';
import type { Caller } from '../../../chat/model.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
const START = Date.parse('2026-01-01T00:00:00Z');

beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
});

/** One message a second. */
async function talk(count: number, content = 'hi', where = 'alice:bob'): Promise<void> {
  if (!where.startsWith('#')) await chat.ports.members.addPeer(where, 'alice');
  for (let index = 0; index < count; index++) {
    chat.runtime.at = START + index * 1_000;
    await chat.write({ chat: where, sender: 'bob', content });
  }
}

type Request = Parameters<typeof fetchHistory>[1];

async function fetchPage(request: Request = {}) {
  const { messages, next } = await fetchHistory(chat.ports, { recipient: 'bob', ...request }, alice);
  return { seqs: messages.map(({ seq }) => seq), next };
}

/** All pages, as `next` leads from one to the other. */
async function fetchAll(request: Request) {
  const pages: number[][] = [];
  for (let more: Request | undefined = {}; more; ) {
    const { seqs, next } = await fetchPage({ ...request, ...more });
    pages.push(seqs);
    more = next;
    if (pages.length > 100) throw new Error('It never ends');
  }
  return pages;
}

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

describe('a page of history', () => {
  beforeEach(() => talk(120));

  test.each<[string, Request, number[], object | undefined]>([
    ['is the newest 50 without bounds', {}, from(71, 120), { before_seq: 71 }],
    ['has as many as the limit says', { limit: 3 }, [118, 119, 120], { before_seq: 118 }],
    ['ends before before_seq', { before_seq: 4 }, [1, 2, 3], undefined],
    ['begins after after_seq', { after_seq: 117 }, [118, 119, 120], undefined],
    ['pages upward from after_seq', { after_seq: 0, limit: 2 }, [1, 2], { after_seq: 2 }],
    ['lies between both', { after_seq: 4, before_seq: 8 }, [5, 6, 7], undefined],
    ['includes both times', { start_time: at(2), end_time: at(4) }, [3, 4, 5], undefined],
    ['has what came up to end_time', { end_time: at(1) }, [1, 2], undefined],
    ['has what came from start_time on', { start_time: at(118) }, [119, 120], undefined],
    ['knows times between messages', { start_time: at(1.5), end_time: at(2.5) }, [3], undefined],
    ['is empty before the first', { end_time: at(-1) }, [], undefined],
    ['is empty after the last', { start_time: at(500) }, [], undefined],
    ['is empty beyond the end', { after_seq: 500 }, [], undefined],
    ['is empty where bounds cross', { after_seq: 5, before_seq: 3 }, [], undefined],
    ['is empty before 0', { before_seq: 0 }, [], undefined],
    ['takes other time zones', { end_time: '2026-01-01T01:00:01+01:00' }, [1, 2], undefined],
  ])('%s', async (_, request, seqs, next) => {
    expect(await fetchPage(request)).toEqual({ seqs, next });
  });

  test.each<[string, Request]>([
    ['downward', { limit: 7 }],
    ['upward', { after_seq: 0, limit: 7 }],
    ['between times', { start_time: at(0), end_time: at(119), limit: 50 }],
    ['down from a time', { end_time: at(119), limit: 40 }],
  ])('leads to the next until each message came exactly once: %s', async (_, request) => {
    const pages = await fetchAll(request);
    expect(pages.flat().sort((one, other) => one - other)).toEqual(from(1, 120));
    expect(pages.length).toBeGreaterThan(2);
    for (const page of pages) expect(page).toEqual([...page].sort((one, other) => one - other));
  });
});

test('a frame holds at most 32 KB, whatever the limit says', async () => {
  await talk(20, 'x'.repeat(5_000));
  for (const request of [{ limit: 200 }, { after_seq: 0, limit: 200 }]) {
    const reply = await fetchHistory(chat.ports, { recipient: 'bob', ...request }, alice);
    expect(JSON.stringify(reply).length).toBeLessThanOrEqual(32_000);
    expect((await fetchAll(request)).flat().sort((one, other) => one - other)).toEqual(from(1, 20));
  }
});

describe('the history', () => {
  test('with a user one never wrote to is empty, and with an unknown user is refused', async () => {
    expect(await fetchPage({ recipient: 'carol' })).toEqual({ seqs: [], next: undefined });
    await expect(fetchPage({ recipient: 'nobody' })).rejects.toMatchObject({ code: 'unknown_recipient' });
    await expect(fetchPage({ recipient: undefined, group_id: 'bob' })).rejects.toMatchObject({
      code: 'unknown_group',
    });
    await expect(fetchPage({ recipient: undefined })).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('of a group is for members, who also see what came before they joined', async () => {
    chat.group('team', 'alice');
    await talk(3, 'hi', '#team');
    expect((await fetchPage({ recipient: 'team' })).seqs).toEqual([1, 2, 3]);
    expect((await fetchPage({ recipient: undefined, group_id: 'team' })).seqs).toEqual([1, 2, 3]);
    chat.group('team', 'bob');
    await expect(fetchPage({ recipient: 'team' })).rejects.toMatchObject({ code: 'not_a_member' });
  });

  test('needs a login', async () => {
    const stranger = callerAt('x');
    const attempt = fetchHistory(chat.ports, { recipient: 'bob' }, stranger);
    await expect(attempt).rejects.toMatchObject({ code: 'not_logged_in' });
  });
});
