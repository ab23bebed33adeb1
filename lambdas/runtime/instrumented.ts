import { isChange } from '../../chat/entries.ts';
import type { Connections, Gateway, History, Inboxes, Overflow } from '../../chat/ports.ts';
import { currentInvocation } from './invocation.ts';
import { addLogFields, pseudonym } from './log.ts';
import { count, recordDuration } from './metrics.ts';
import { spendLook, spendPost } from './spending.ts';

// The rules know nothing of metrics: these stand around their ports, and count what passes.

const misses = { gone: 'GoneConnections', throttled: 'PostsThrottled', failed: 'PostsFailed' } as const;

/** Counts posts and looks, what they cost, and who was found gone. */
export const instrumentedGateway = (gateway: Gateway): Gateway => ({
  ...gateway,
  async isOpen(connectionId) {
    spendLook();
    const isOpen = await gateway.isOpen(connectionId);
    if (!isOpen) count(misses.gone);
    return isOpen;
  },
  async post(connectionId, frame) {
    spendPost(frame);
    const posted = await gateway.post(connectionId, frame);
    if (posted !== 'taken') count(misses[posted]);
    return posted;
  },
});

/** A gateway for messages to their recipients: how many, and how long from their being sent. */
export const instrumentedDeliveries = (gateway: Gateway): Gateway => ({
  ...gateway,
  async post(connectionId, frame) {
    const invocation = currentInvocation();
    invocation.firstPost ??= performance.now();
    count('FanOutSize');
    const posted = await gateway.post(connectionId, frame);
    recordDuration('FanOutTime', performance.now() - invocation.firstPost);
    if (posted !== 'taken') return posted;
    count('Deliveries');
    // The last device counts, as the longest time does.
    recordDuration('SendToPost', Date.now() - invocation.requestedAt);
    return posted;
  },
});

/** Tries to append, and those that made a message. */
export const instrumentedHistory = (history: History): History => ({
  ...history,
  async put(entry) {
    count('AppendAttempts');
    const stored = await history.put(entry);
    if (stored.id === entry.id && !isChange(entry)) count('Messages');
    return stored;
  },
});

/** Chats that somebody came to be owed, and those that a login was handed all of. */
export const instrumentedInboxes = (inboxes: Inboxes): Inboxes => ({
  ...inboxes,
  async markPending(username, chat, seq) {
    const stood = await inboxes.markPending(username, chat, seq);
    if (stood === undefined) count('PendingWritten');
    return stood;
  },
  async ackPending(username, connectionId, login, handed, all) {
    const settled = await inboxes.ackPending(username, connectionId, login, handed, all);
    const over = handed.filter(({ to }) => to === undefined);
    // One less was handed over than will go off.
    const instead = handed.filter((each) => each.instead);
    if (settled) count('PendingDelivered', over.length - instead.length);
    return settled;
  },
});

/** Likewise, where the inbox has no room: pointers, of which a chat may have several. */
export const instrumentedOverflow = (overflow: Overflow): Overflow => ({
  ...overflow,
  async add(username, pointer, instead) {
    await overflow.add(username, pointer, instead);
    // Of those in whose place it is, one less was handed over than will go off.
    if (instead) count('PendingDelivered', -1);
    else count('PendingWritten');
  },
  async remove(username, pointer) {
    await overflow.remove(username, pointer);
    count('PendingDelivered');
  },
});

/** Who speaks, for the log. */
export const instrumentedConnections = (connections: Connections): Connections => ({
  ...connections,
  async bind(connectionId, bound, now) {
    addLogFields({ user: pseudonym(bound.username) });
    return connections.bind(connectionId, bound, now);
  },
  async get(connectionId) {
    const bound = await connections.get(connectionId);
    if (bound !== undefined) addLogFields({ user: pseudonym(bound.username) });
    return bound;
  },
});
