import { randomFrom } from '../../local/faults/random.ts';
import type { Load } from './options.ts';

/** A message that is to be sent, whatever becomes of those before it. */
export interface Arrival {
  /** 0, 1, 2, … */
  index: number;
  /** When it is due, in milliseconds from the beginning. */
  due: number;
  /** Who sends it: a user's number. */
  sender: number;
  /** A user's number; absent, it is for the sender's group. */
  recipient?: number;
}

/** Messages by chance: gaps are exponential, so that they come in clusters and lulls as people's do (Poisson). */
export function* arrivals({ users, rate, seconds, direct, seed }: Load): Generator<Arrival> {
  const random = randomFrom(String(seed));
  const gap = () => (-Math.log(1 - random()) * 1000) / rate;
  let index = 0;
  for (let due = gap(); due < seconds * 1000; due += gap()) {
    const sender = Math.floor(random() * users);
    const isDirect = random() < direct;
    // Anybody but the sender.
    const other = (sender + 1 + Math.floor(random() * (users - 1))) % users;
    yield { index: index++, due, sender, ...(isDirect && { recipient: other }) };
  }
}

/** How many groups there are: each has the members asked for, or some more where users are left over. */
export const groupsOf = ({ users, groupSize }: Pick<Load, 'users' | 'groupSize'>): number =>
  Math.floor(users / groupSize);

/** Which group a user is in, by their numbers. */
export const groupOf = (user: number, load: Pick<Load, 'users' | 'groupSize'>): number =>
  user % groupsOf(load);
