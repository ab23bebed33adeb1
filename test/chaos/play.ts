import type { Device } from './device.ts';
import type { Membership, Record, Sending } from './record.ts';

/** The devices, and the duration of a run. */
export interface Stage {
  record: Record;
  devices: Device[];
  groups: string[];
  /** Seeded random numbers from 0 to 1. */
  random: () => number;
  /** When devices stop beginning anything new. */
  until: number;
}

const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
const pick = <T>(items: readonly T[], random: () => number): T =>
  items[Math.floor(random() * items.length)] as T;

let keys = 0;

/** Runs one device: it logs in, sends, disconnects in one way or another, and reconnects. */
export async function live(device: Device, stage: Stage): Promise<void> {
  const { random } = stage;
  while (Date.now() < stage.until) {
    if (!device.isReady && !(await device.logIn())) {
      await sleep(100 + random() * 400);
      continue;
    }
    const what = random();
    if (what < 0.6) await talk(device, stage);
    else if (what < 0.8) await change(device, stage);
    else if (what < 0.86) await device.sync();
    else if (what < 0.9) await moveGroups(device, stage);
    else await goAway(device, random);
    await sleep(random() * 150);
  }
}

async function goAway(device: Device, random: () => number): Promise<void> {
  const how = random();
  if (how < 0.3) await device.request({ type: 'logout' });
  device.drop(how < 0.7);
  await sleep(random() * 1_500);
}

async function talk(device: Device, stage: Stage): Promise<void> {
  const { devices, groups, random } = stage;
  const isGroup = random() < 0.4;
  const others = devices.filter(({ user }) => user !== device.user);
  const to = isGroup ? pick(groups, random) : pick(others, random).user;
  await insist(device, { key: `m${++keys}`, to, isGroup }, stage);
}

// Only a user's latest messages are changed, and so few that edits and deletions collide.
const LATEST = 3;

/** Edits or deletes one of the user's own messages. */
async function change(device: Device, stage: Stage): Promise<void> {
  const { record, random } = stage;
  const mine = record.sendings.filter((each) => each.sender === device.user && each.sent && !each.change);
  if (mine.length === 0) return talk(device, stage);
  const { to, isGroup, sent } = pick(mine.slice(-LATEST), random);
  const { chat_id, seq } = sent as NonNullable<typeof sent>;
  const kind = random() < 0.75 ? 'edits' : 'deletes';
  const key = `${kind === 'edits' ? 'e' : 'd'}${++keys}`;
  await insist(device, { key, to, isGroup, change: { kind, chat_id, seq } }, stage);
}

/** Sends something, and repeats it with the same key until there is an answer. */
async function insist(
  device: Device,
  what: Pick<Sending, 'key' | 'to' | 'isGroup' | 'change'>,
  stage: Stage,
): Promise<void> {
  const { record, random } = stage;
  const sending: Sending = { ...what, sender: device.user, began: Date.now(), attempts: 0 };
  record.sendings.push(sending);
  while (Date.now() < stage.until + 15_000) {
    if (device.isReady || (await device.logIn())) {
      if (await device.send(sending)) return;
    }
    await sleep(50 + random() * 300);
  }
}

/**
 * A plain user leaves their group, or joins it again. Every other user stays, and must get everything that is sent there,
 * however late.
 */
async function moveGroups(device: Device, { record, random }: Stage): Promise<void> {
  if (device.cursors || Number(device.user.slice(4)) % 8 < 4) return;
  const mine = record.memberships.filter(({ user }) => user === device.user);
  if (mine.length === 0) return;
  const current = mine.at(-1) as Membership;
  const now = Date.now();
  if (current.leaving === Number.POSITIVE_INFINITY && random() < 0.5) {
    current.leaving = now;
    const reply = await device.request({ type: 'leave_group', group_id: current.group });
    // Without an answer it may have taken effect at any time from then on.
    if (reply?.status === 'leave_group_success') current.left = Date.now();
  } else if (current.left !== Number.POSITIVE_INFINITY) {
    const stay: Membership = {
      ...current,
      joining: now,
      joined: Number.POSITIVE_INFINITY,
      leaving: Number.POSITIVE_INFINITY,
      left: Number.POSITIVE_INFINITY,
    };
    record.memberships.push(stay);
    const reply = await device.request({ type: 'join_group', group_id: current.group });
    if (reply?.status === 'join_group_success') stay.joined = Date.now();
  }
}

/** Logs every device in once more, without faults: pending messages are delivered, and missing ones fetched. */
export async function settle({ devices }: Stage): Promise<void> {
  for (const device of devices) {
    for (let tries = 0; !(await device.logIn()); tries++) {
      if (tries > 20) throw new Error(`${device.name} cannot log in although faults are off`);
      await sleep(200);
    }
  }
  await sleep(1_000);
  await Promise.all(devices.map((device) => device.sync()));
  await sleep(500);
  await Promise.all(devices.map((device) => device.sync()));
}

/** Reads the complete history of every chat. */
export async function readAll({ record, devices, groups }: Stage): Promise<void> {
  const users = [...new Set(devices.map(({ user }) => user))].sort();
  const reader = (user: string) => devices.find((device) => device.user === user) as Device;
  for (const [index, one] of users.entries()) {
    for (const other of users.slice(index + 1)) await read(record, reader(one), { recipient: other });
  }
  for (const group of groups) {
    const member = record.memberships.find(
      (each) => each.group === group && each.left === Number.POSITIVE_INFINITY,
    );
    if (member) await read(record, reader(member.user), { groupname: group });
  }
}

async function read(record: Record, device: Device, whose: object): Promise<void> {
  for (let next: object | undefined = { after_seq: 0 }; next; ) {
    const page = await device.request({
      type: 'fetch_history',
      ...whose,
      ...next,
      limit: 200,
      changes: true,
    });
    if (page?.status !== 'history') throw new Error(`Cannot read the history: ${JSON.stringify(page)}`);
    for (const message of page.messages) {
      const log = record.history.get(message.chat_id) ?? [];
      record.history.set(message.chat_id, log);
      log.push(message);
    }
    next = page.next;
  }
}
