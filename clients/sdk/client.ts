import { cacheOf } from './cache.ts';
import { credentialsOf, userOn } from './credentials.ts';
import { emitterOf } from './emitter.ts';
import { endedKey, endLoggedOutSessions, loggedOutKey } from './ended.ts';
import { isTransient } from './errors.ts';
import { historyOf } from './history.ts';
import { chatRefOf, groupIdOf, recipientOf } from './names.ts';
import { outboxOf } from './outbox.ts';
import { socketOf } from './register.ts';
import { type Ask, type Session, startSession } from './session.ts';
import { allChats } from './start.ts';
import { clear, memoryStore, partOf, partOfUser, type Store } from './store.ts';
import { syncOf } from './sync.ts';
import { exponentialBackoff, standardTiming } from './timing.ts';
import type { Chat, Events, Frame, Options, Recipient, StateChange } from './types.ts';
import { watchForWakeUps } from './wake.ts';
import { withRetry } from './with-retry.ts';

// Retries of an idempotent request.
const RETRIES = 8;

/** Logs in and reconnects until `close` or `logout`. @throws Error if the options are invalid */
export function connect(options: Options): Chat {
  const { url, store: given = memoryStore(), random = Math.random, getToken } = options;
  new URL(url);
  const webSocket = socketOf(options);
  const timing = { ...standardTiming, ...options.timing };
  const backoff = exponentialBackoff(timing, random);
  const { on, emit } = emitterOf<Events>();
  /** After a logout, nothing of this user is written to the store. */
  let isForgotten = false;
  /** Whether the account may be deleted: that was asked for, not refused, and nobody could log in since. */
  let mayBeDeleted = false;

  /** Work that is still in progress after a logout writes nothing back. */
  const set: Store['set'] = (key, value) => {
    if (!isForgotten || value === undefined) given.set(key, value);
  };
  /** The part of the store that belongs to this user, by the prefix of its keys; undefined until the user is known. */
  let mine: string | undefined;
  const store: Store = {
    get: (key) => (mine ? given.get(mine + key) : mine),
    set: (key, value) => mine && set(mine + key, value),
    keys: (prefix) => (mine ? partOf(given, mine).keys(prefix) : []),
  };
  const credentials = credentialsOf(options, { get: (key) => given.get(key), set }, timing);
  const username = () => credentials.username;
  const ask: Ask = (request) => session.ask(request);
  const askWithRetry = withRetry(ask, backoff, RETRIES);
  const cache = cacheOf(store);
  const common = { timing, backoff, ask, store, username };
  const config = { timing, random, backoff, url, webSocket, credentials };

  /** As the server spells it. */
  const spelled = (to: Recipient): Recipient => {
    if (typeof to !== 'string') return { group: to.group.toLowerCase() };
    return getToken ? to : to.toLowerCase();
  };

  const forget = (chatId: string): void => {
    logs.forget(chatId);
    cache.forget(chatId);
    outbox.left(chatId);
  };

  const left = (chatId: string): void => {
    forget(chatId);
    emit('chat-left', { chat_id: chatId });
  };

  const caughtUp = (): void => {
    if (session.state === 'online' && sync.isCaughtUp()) emit('caught-up', undefined);
  };

  const sync = syncOf({
    ...common,
    message(message) {
      cache.put(message);
      emit('message', message);
      outbox.seen(message);
    },
    gap: (gap) => emit('gap', gap),
    left,
    caughtUp,
  });
  const { logs } = sync;

  const outbox = outboxOf({
    ...common,
    logs,
    ready: () => session.ready(),
    spelled,
    changed: (sending) => emit('sending', sending),
  });
  const { send, edit, undo, flush, retry, discard } = outbox;

  const history = historyOf({
    ...{ ask: askWithRetry, cache, username, cursor: logs.cursor },
    isWaiting: () => session.state === 'waiting',
  });

  /** Loads this user's state from the store, once the user is known. */
  const load = (): void => {
    if (mine) return;
    mine = partOfUser(username());
    logs.load();
    outbox.load();
  };

  const changed = (change: StateChange): void => {
    // Were the deletion still under way, it would find this connection and tell it.
    if (change.state === 'online') mayBeDeleted = false;
    if (change.state === 'closed') {
      unwatch();
      unwatchStore?.();
      sync.end();
      // Nobody comes back to what is kept of them. The reply to a deletion may have been lost.
      if (change.reason === 'erased' || (mayBeDeleted && change.reason === 'session_ended')) forgetUser(true);
    }
    emit('state', change);
    caughtUp();
  };

  const frame = (frame: Frame): void => {
    if (sync.frame(frame)) return;
    const { type = '' } = frame;
    if (type === 'REMOVED' || type === 'LEFT') left(`#${frame.group_id}`);
    // Also emits pushes that are newer than this client's types, but nothing that this client says by itself.
    if (/^[A-Z]/.test(type)) emit(type as keyof Events, frame as never);
  };

  /** @param isElsewhere whether the user logged out in another program on this store */
  const leave = (isElsewhere?: boolean): void => {
    forgetUser(isElsewhere);
    given.compact?.();
    session.end('logged_out', isElsewhere ? 'You were logged out in another tab.' : undefined);
  };

  const forgetUser = (isElsewhere?: boolean): void => {
    const wasForgotten = isForgotten;
    isForgotten = true;
    credentials.forget(!isElsewhere);
    // A tab that was frozen hears of it late: not what a new session of the same user has stored since.
    if (isElsewhere && (userOn(given) === username() || outbox.isReplaced())) return;
    clear(store, '');
    if (wasForgotten || isElsewhere || !given.watch) return;
    for (const value of ['1', undefined]) given.set(loggedOutKey(username()), value);
  };

  const request = (async (request: Frame) => {
    const { type, new_password: password, session_token: token } = request;
    const isDeletion = type === 'delete_account';
    mayBeDeleted ||= isDeletion;
    const reply = await ask(request).catch((error) => {
      if (isDeletion) mayBeDeleted = isTransient(error);
      throw error;
    });
    if (type === 'change_password' && password) credentials.accepted(reply, password as string);
    if ((type === 'logout' && !token) || isDeletion) leave();
    // A reply to an edit or deletion: its entry will be delivered from the log.
    const { message_id, chat_id, seq } = reply;
    if (message_id) logs.expect(chat_id as string, seq as number);
    return reply;
  }) as Chat['request'];

  const session: Session = startSession(config, {
    loginFields: sync.loginFields,
    loggedIn(reply, askThere) {
      load();
      return sync.loggedIn(reply, askThere);
    },
    frame,
    state: changed,
  });
  if (username()) load();
  void endLoggedOutSessions(config, given);
  const unwatch = watchForWakeUps(timing, session.wake);
  const unwatchStore = given.watch?.((key) => {
    if (key === loggedOutKey(username())) leave(true);
    if (mine && key.startsWith(`${mine}o/`)) outbox.heard(key.slice(mine.length));
  });

  return {
    get state() {
      return session.state;
    },
    get username() {
      return username();
    },
    get sendings() {
      return outbox.all();
    },
    userIdOf: (name) => (getToken ? name : name.replace(/^#/, '').toLowerCase()),
    ...{ send, edit, delete: outbox.delete, undo, flush, retry, discard, request },
    history: (chat, options) => history(chatRefOf(spelled(recipientOf(chat))), options),
    chats: () => allChats(askWithRetry),
    async createGroup(name, fields) {
      const reply = await request({ type: 'create_group', group_name: name, ...fields });
      logs.begin(logs.get(groupIdOf(name)), 0);
      return reply;
    },
    joinGroup: (name) =>
      askWithRetry({ type: 'join_group', group_id: name }) as ReturnType<Chat['joinGroup']>,
    async leaveGroup(name) {
      const reply = await request({ type: 'leave_group', group_id: name });
      forget(groupIdOf(name));
      return reply;
    },
    on,
    async logout() {
      const { token } = credentials;
      const key = token && endedKey(token);
      const isTold = session.state === 'online' && ask({ type: 'logout' }).then(Boolean, () => false);
      // Before the first await: if the process dies now, the data is gone and the next start ends the session.
      if (key) given.set(key, url);
      forgetUser();
      if ((await isTold) && key) given.set(key, undefined);
      leave();
      void endLoggedOutSessions(config, given);
    },
    close: () => session.end('closed'),
  };
}
