import type { Verdict } from '../../chat/ports.ts';
import type { Scenario } from './execution.ts';
import {
  catchUp,
  deleteOwn,
  edit,
  goOnBehind,
  logIn,
  logOutEverywhere,
  noteEarly,
  say,
  send,
  sendAsked,
} from './words.ts';

export type Actors = Scenario['actors'];
type Script = Actors[string]['script'];

const by = (now: number) => (script: Script) => ({ now, script });

export const alice = by(1_000);
/** His clock is behind. */
export const bob = by(900);
export const carol = by(950);

/** Does it with these connections open from the start: connection → user. */
export const opened =
  (devices: Record<string, string>, script: Script): Script =>
  (actor, log) => {
    Object.assign(log.devices, devices);
    return script(actor, log);
  };

/** Alice sends Bob a message with each key. */
export const sending =
  (...keys: (string | undefined)[]): Script =>
  async (actor, log) => {
    for (const key of keys) await send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key });
  };

/** Alice writes a message with each key to the group, for these members. */
export const writing =
  (recipients: string[], ...keys: string[]): Script =>
  async (actor, log) => {
    for (const key of keys)
      await say(actor, log, { from: 'alice', to: 'team', connection: 'a1', key, recipients });
  };

const DENY: Verdict = { verdict: 'deny', reason: 'no' };

/**
 * Alice sends the same text with one key from two devices, about which the function changes its mind, or two texts, of which it
 * denies one.
 */
export const judged = (texts: 'one text' | 'two texts'): Actors => ({
  phone: alice((actor, log) =>
    sendAsked(actor, log, { connection: 'a1', key: 'k', content: 'hi', verdict: { verdict: 'allow' } }),
  ),
  laptop: alice(
    opened({ a1: 'alice', a2: 'alice' }, (actor, log) => {
      const content = texts === 'one text' ? 'hi' : 'spam';
      // Nobody has allowed it.
      if (content === 'spam') log.denied.push({ key: 'k', content });
      return sendAsked(actor, log, { connection: 'a2', key: 'k', content, verdict: DENY });
    }),
  ),
});

export const bobLogsIn = bob((actor, log) => logIn(actor, log, 'bob', 'b1'));

/** Alice deletes her account; on her phone she logs in meanwhile, and may write to Bob. */
export const accountDeleted = (writes = true): Actors => ({
  laptop: alice(opened({ a1: 'alice' }, (actor, log) => deleteOwn(actor, log, 'alice', 'a1'))),
  phone: alice(async (actor, log) => {
    await logIn(actor, log, 'alice', 'a2');
    if (!writes) return;
    await send(actor, log, { from: 'alice', to: 'bob', connection: 'a2', key: 'k1' });
    await noteEarly(actor, log, 'alice');
  }),
});

/** Two devices of Alice's, and one of Bob's. */
export const allOpen = { a1: 'alice', a2: 'alice', b1: 'bob' };

/** Alice sends a message twice, from two devices, and Bob sends one. */
export const bothWrite: Actors = {
  alice: alice(sending('k')),
  'alice again': alice((actor, log) =>
    send(actor, log, { from: 'alice', to: 'bob', connection: 'a2', key: 'k' }),
  ),
  bob: bob(
    opened(allOpen, (actor, log) =>
      send(actor, log, { from: 'bob', to: 'alice', connection: 'b1', key: 'k' }),
    ),
  ),
};

/** Alice logs out everywhere while somebody who has a token of hers logs in, and Bob writes to her. */
export const lockedOut = (token: string): Actors => ({
  alice: alice(
    opened({ a1: 'alice', b1: 'bob' }, (actor, log) =>
      logOutEverywhere(actor, log, 'a1', { connection: 'x1', token, chat: 'alice:bob' }),
    ),
  ),
  thief: carol((actor, log) => logIn(actor, log, 'alice', 'x1', token)),
  bob: bob((actor, log) => send(actor, log, { from: 'bob', to: 'alice', connection: 'b1', key: 'k1' })),
});

/** Bob, who has what a pointer in the overflow is for, goes on behind it while Alice sends him a message. */
export const goingOnBehindOverflow: Actors = {
  alice: alice(sending('k1')),
  bob: bob(opened({ b1: 'bob' }, (actor) => goOnBehind(actor, 'b1', 'bob:carol'))),
};

/** Alice edits a message on two devices at once, and Bob fetches everything. */
export const editingTwice: Actors = {
  phone: alice((actor) => edit(actor, 'a1', 'one')),
  laptop: carol(opened(allOpen, (actor) => edit(actor, 'a2', 'two'))),
  bob: bob((actor, log) => catchUp(actor, log, 'bob', 'b2')),
};
