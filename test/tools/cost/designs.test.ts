import { expect, test } from 'vitest';
import { idle } from '../../../tools/cost/kept.ts';
import { DAYS, defaultLoad, monthOf } from '../../../tools/cost/load.ts';
import { broadcastByScan, inboxPerRecipient } from '../../../tools/cost/others.ts';
import { ours, rowsOf } from '../../../tools/cost/ours.ts';
import { fakeMeasures } from './measures.ts';

// Ten messages a day to the group of 4, 2 of the 3 others there.
const load = {
  ...defaultLoad,
  users: 100,
  messages: 10,
  members: 4,
  online: 0.5,
  direct: 0,
  visits: 2,
  kept: 1,
};
const sent = 10 * 100 * DAYS;
const visits = 2 * 100 * DAYS;
const { renewals, pings, pending, minutes } = monthOf(load, fakeMeasures.here);

test('a month of ours is each operation as often as it happens, at its measured usage', () => {
  const { writes, reads, messages, minutes: connected } = ours(load, fakeMeasures);
  // A login of 3 writes; for 2 chats 1 each to take the pointer off, 1 and 2 to set it; 2 at the end.
  expect(writes).toBeCloseTo(sent * 1 + visits * (3 + 2 + 3) + renewals * 3 + (visits + renewals) * 2, 6);
  expect(reads).toBeCloseTo(
    sent * 10 + visits * (1 + 2 + 0.1 * pending) + renewals + (visits + renewals) + 2 * visits * 5,
    6,
  );
  expect(messages).toBeCloseTo(sent * 4 + (visits + renewals) * 2 + 2 * visits * 2 + pings * 2, 6);
  expect(connected).toBe(minutes);
});

test('pending messages beyond one frame take more frames', () => {
  const chatty = { ...load, messages: 1_000 };
  const login = rowsOf(chatty, fakeMeasures)[3];
  // 500 messages of 1 KB are 16 frames of 32,000 bytes: the login's reply, and 15 more.
  expect(login?.counted.usage.messages).toBe(2 + 15);
  expect(login?.counted.posts).toBe(1 + 15);
});

test('storage holds users, and messages for as long as they are kept', () => {
  const bytes = 100 * 2_048 + sent * (200 + 250);
  expect(ours(load, fakeMeasures).stored).toBeCloseTo(bytes / 1e9, 12);
  expect(ours({ ...load, kept: 12 }, fakeMeasures).backedUp).toBeCloseTo(
    (100 * 2_048 + 12 * sent * 450) / 1e9,
    12,
  );
});

test('a month without users costs storage, and the fixed resources of the template', () => {
  const usage = idle(load, fakeMeasures);
  const stored = (100 * 2_048 + sent * 450) / 1e9;
  expect(usage).toEqual({ alarms: 2, queued: 1_000, stored, backedUp: stored });
});

test('an inbox for each recipient writes and stores every message once for each member', () => {
  const usage = inboxPerRecipient(load, fakeMeasures);
  expect(usage.writes).toBeCloseTo(sent * 4 + (visits + renewals) * 2, 6);
  expect(usage.stored).toBeCloseTo((100 * 2_048 + sent * 4 * 450) / 1e9, 12);
  // The sender 1/2, the list 1/2, three others 1/2 each; what is pending fits into 4 KB, a page needs 5 times as much.
  expect(usage.reads).toBeCloseTo(sent * 2.5 + visits * 0.5 + 2 * visits * 2.5, 6);
  expect(usage.messages).toBe(ours(load, fakeMeasures).messages);
});

test('a copy of more than 1 KB is more than one unit', () => {
  const large = inboxPerRecipient({ ...load, bytes: 1_000 }, fakeMeasures);
  expect(large.writes).toBeCloseTo(sent * 4 * 2 + (visits + renewals) * 2, 6);
});

test('a broadcast posts every message to all connections, and scans them', () => {
  const usage = broadcastByScan(load, fakeMeasures);
  const others = (visits + renewals) * 2 + 2 * visits * 2 + pings * 2;
  expect(usage.messages).toBeCloseTo(sent * (2 + 50) + others, 6);
  expect(usage.writes).toBeCloseTo(sent + (visits + renewals) * 2, 6);
  // 50 rows of 100 bytes are two times 4 KB.
  expect(usage.reads).toBeCloseTo(sent * 1 + 2 * visits * 2.5, 6);
  // 10 ms of a message to nobody, and half a millisecond of 512 MB for each post.
  expect(usage.gbSeconds).toBeCloseTo(sent * (0.01 + (50 * 0.0005) / 2), 6);
});

test('twice the users cost this service twice as much, and a broadcast four times for its posts', () => {
  const twice = { ...load, users: 200 };
  const grown = (design: typeof ours) =>
    (design(twice, fakeMeasures).messages ?? 0) / (design(load, fakeMeasures).messages ?? 0);
  expect(grown(ours)).toBeCloseTo(2, 10);
  const busy = { ...load, messages: 1_000 };
  const messages = (users: number) => broadcastByScan({ ...busy, users }, fakeMeasures).messages ?? 0;
  expect(messages(20_000) / messages(10_000)).toBeCloseTo(4, 2);
});
