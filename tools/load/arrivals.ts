import { randomFrom } from '../../local/faults/random.ts';
import type { Load } from './options.ts';

/** A scheduled message, sent when due whether or not earlier ones were answered. */
export interface Arrival {
  /** 0, 1, 2, … */
  index: number;
  /** When it is due, in milliseconds since the start. */
  due: number;
  /** The sender's number. */
  sender: number;
  /** The recipient's number; absent for the sender's group. */
  recipient?: number;
}

/** Schedules messages as a Poisson process: exponential gaps give bursts and lulls, as with real users. */
export function* arrivals({ users, rate, seconds, direct, seed }: Load): Generator<Arrival> {
  const random = randomFrom(String(seed));
  const gap = () => (-Math.log(1 - random()) * 1000) / rate;
  let index = 0;
  for (let due = gap(); due < seconds * 1000; due += gap()) {
    const sender = Math.floor(random() * users);
    const isDirect = random() < direct;
    // Any user except the sender.
    const other = (sender + 1 + Math.floor(random() * (users - 1))) % users;
    yield { index: index++, due, sender, ...(isDirect && { recipient: other }) };
  }
}

/** The number of groups. Left-over users make some groups larger. */
export const groupsOf = ({ users, groupSize }: Pick<Load, 'users' | 'groupSize'>): number =>
  Math.floor(users / groupSize);

/** The number of a user's group. */
export const groupOf = (user: number, load: Pick<Load, 'users' | 'groupSize'>): number =>
  user % groupsOf(load);
