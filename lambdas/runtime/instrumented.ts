import { isChange } from '../../chat/entries.ts';
import type { Connections, Gateway, History, Inboxes, Overflow } from '../../chat/ports.ts';
import { currentInvocation } from './invocation.ts';
import { addLogFields, pseudonym } from './log.ts';
import { count, recordDuration } from './metrics.ts';
import { spendLook, spendPost } from './spending.ts';

// The rules know nothing about metrics: these wrap their ports and count the calls.

const misses = { gone: 'GoneConnections', throttled: 'PostsThrottled', failed: 'PostsFailed' } as const;

/** Counts posts and checks, their cost, and dead connections. */
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

/** A gateway for messages to recipients: counts them, and measures the time since they were sent. */
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
    // The longest time counts, which is that of the last device.
    recordDuration('SendToPost', Date.now() - invocation.requestedAt);
    return posted;
  },
});

/** Counts attempts to append, and those that stored a message. */
export const instrumentedHistory = (history: History): History => ({
  ...history,
  async put(entry) {
    count('AppendAttempts');
    const stored = await history.put(entry);
    if (stored.id === entry.id && !isChange(entry)) count('Messages');
    return stored;
  },
});

/** Counts chats that became pending, and chats whose pending messages were all delivered. */
export const instrumentedInboxes = (inboxes: Inboxes): Inboxes => ({
  ...inboxes,
  async markPending(username, chat, seq) {
    const stood = await inboxes.markPending(username, chat, seq);
    if (stood === undefined) count('PendingWritten');
    return stood;
  },
  async ackPending(username, connectionId, login, handed, ...also) {
    const acknowledged = await inboxes.ackPending(username, connectionId, login, handed, ...also);
    const over = handed.filter(({ to }) => to === undefined);
    // A pointer that moves here from the overflow counts as delivered when it is removed there, but is still pending.
    const instead = handed.filter((each) => each.instead);
    if (acknowledged) count('PendingDelivered', over.length - instead.length);
    return acknowledged;
  },
});

/** Counts the same in the overflow, by pointers, of which a chat may have several. */
export const instrumentedOverflow = (overflow: Overflow): Overflow => ({
  ...overflow,
  async add(username, pointer) {
    await overflow.add(username, pointer);
    count('PendingWritten');
  },
  async remove(username, pointer) {
    await overflow.remove(username, pointer);
    count('PendingDelivered');
  },
});

/** Adds the caller to the log lines. */
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
