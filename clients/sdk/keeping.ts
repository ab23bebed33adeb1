import { cacheOf } from './cache.ts';
import { endedKey, loggedOutKey } from './ended.ts';
import { isCount } from './entries.ts';
import type { Inner } from './inner.ts';
import { keepOutbox } from './kept-outbox.ts';
import { chatIdOf } from './names.ts';
import {
  clear,
  type KeyValueStore,
  partOf,
  partOfService,
  partOfUser,
  SESSION,
  type Store,
  savedIn,
} from './store.ts';
import type { Message } from './types.ts';

const STARTED = 'started';
/** Whether what is under this key of the user's part came from the service: cursors, messages, that there are some. */
const isReceived = (key: string): boolean => key === STARTED || /^[cm]\//.test(key);
const cursorKey = (chatId: string) => `c/${chatId}`;

/** Makes a store of a medium, on which a client keeps its login, cursors, unsent messages and the newest of each chat. */
export const storeOn = (medium: KeyValueStore): Store => Object.assign(medium, { keep });

function keep(inner: Inner): void {
  const { options, credentials, logs, sync, session, on } = inner;
  const given = partOfService(options.store as Store, options.url);
  /** After a logout, nothing of this user is written to the store. */
  let isForgotten = false;
  /** Whether the account may be deleted: that was asked for, not refused, and nobody could log in since. */
  let mayBeDeleted = false;
  /** The part of the store that belongs to this user, by the prefix of its keys; undefined until the user is known. */
  let mine: string | undefined;

  /** Work that is still in progress after a logout writes nothing back. */
  const set: KeyValueStore['set'] = (key, value) => {
    if (!isForgotten || value === undefined) given.set(key, value);
  };
  const store: KeyValueStore = {
    get: (key) => (mine ? given.get(mine + key) : mine),
    set: (key, value) => mine && set(mine + key, value),
    keys: (prefix) => (mine ? partOf(given, mine).keys(prefix) : []),
  };
  const cache = cacheOf(store);
  const unsent = keepOutbox(inner, store);
  keepLogin(inner, given, set);

  const { forget, page, request, leave, logout, endSession } = inner;
  const { loginFields, loggedIn } = sync;
  const hasStarted = () => store.get(STARTED) !== undefined;

  /** Loads this user's state from the store, once the user is known. */
  const load = () => {
    if (mine || !credentials.username) return;
    mine = partOfUser(credentials.username);
    for (const key of store.keys(cursorKey(''))) {
      const cursor = Number(store.get(key));
      if (isCount(cursor)) logs.begin(logs.get(key.slice(cursorKey('').length)), cursor);
    }
    unsent.load();
  };

  logs.keep = ({ id, cursor }) => {
    if (cursor !== undefined) store.set(cursorKey(id), `${cursor}`);
  };

  sync.loginFields = () => {
    // Somebody may have erased the store.
    sync.hasStarted = hasStarted();
    return loginFields();
  };

  sync.loggedIn = async (reply, askThere) => {
    load();
    await loggedIn(reply, askThere);
    if (!hasStarted()) store.set(STARTED, '1');
  };

  /** @param isElsewhere whether the user logged out in another program on this store */
  const forgetUser = (isElsewhere?: boolean): void => {
    // The user may have logged in again elsewhere meanwhile: what is stored now is no longer this client's.
    if (isForgotten && !isElsewhere) return;
    isForgotten = true;
    const { username } = credentials;
    if (!isElsewhere && savedIn(given).username === username) set(SESSION, undefined);
    credentials.forget();
    // A tab that was frozen hears of it late: not what a new session of the same user has stored since.
    if (isElsewhere && (savedIn(given).username === username || unsent.isReplaced())) return;
    clear(store, '');
    if (isElsewhere || !options.store?.watch) return;
    for (const value of ['1', undefined]) given.set(loggedOutKey(username), value);
  };

  Object.assign(inner, {
    async request(asked) {
      const isDeletion = asked.type === 'delete_account';
      mayBeDeleted ||= isDeletion;
      return request(asked).catch((error) => {
        if (isDeletion) mayBeDeleted = inner.isTransient(error);
        throw error;
      });
    },

    // From the cache if it has the whole page, or as much as it has if there is no connection; else from the server.
    async page(chat, before, limit) {
      if (before === undefined) return page(chat, before, limit);
      const cached = () => cache.before(chatIdOf(credentials.username, chat), before, limit);
      const { messages, isWhole } = cached();
      if (isWhole || (messages.length > 0 && session.state === 'waiting')) return messages;
      let unlisten = () => {};
      const isOffline = new Promise<Message[]>((resolve) => {
        unlisten = on('state', ({ state }) => {
          const found = cached().messages;
          if (state === 'waiting' && found.length > 0) resolve(found);
        });
      });
      return Promise.race([page(chat, before, limit), isOffline]).finally(unlisten);
    },

    forget(chatId) {
      forget(chatId);
      store.set(cursorKey(chatId), undefined);
      cache.forget(chatId);
    },

    leave(detail) {
      forgetUser(detail !== undefined);
      given.compact?.();
      leave(detail);
    },

    async logout() {
      const { token } = credentials;
      const key = token && endedKey(token);
      const isTold = logout();
      // Before the first await: if the process dies now, the data is gone and the next start ends the session.
      if (key) given.set(key, '1');
      forgetUser();
      if ((await isTold) && key) given.set(key, undefined);
      return isTold;
    },

    async endSession(token) {
      // After a refusal the next start tries again.
      await endSession(token);
      given.set(endedKey(token), undefined);
    },
  } satisfies Partial<Inner>);

  // Before all listeners of the app.
  on('message', cache.put);
  on('state', ({ state, reason }) => {
    // Were the deletion still under way, it would find this connection and tell it.
    if (state === 'online') mayBeDeleted = false;
    if (state !== 'closed') return;
    unwatchStore?.();
    // Nobody comes back to what is kept of them.
    if (reason === 'erased') forgetUser(true);
    // The reply to a deletion may have been lost, or the session has ended for another reason: then what this user has
    // written and not sent, here or in the app, is still theirs to give up.
    if (!mayBeDeleted || reason !== 'session_ended') return;
    isForgotten = true;
    for (const key of store.keys('')) if (isReceived(key)) store.set(key, undefined);
  });
  const unwatchStore = given.watch?.((key) => {
    if (key === loggedOutKey(credentials.username)) inner.leave('You were logged out in another tab.');
    if (mine && key.startsWith(`${mine}o/`)) unsent.heard(key.slice(mine.length));
  });
  load();
  for (const key of given.keys(endedKey('')))
    inner.endSession(key.slice(endedKey('').length)).catch(() => {});
}

/** Keeps the user and the session token, of which all programs on the store have the latest. */
function keepLogin({ options, credentials }: Inner, given: KeyValueStore, set: KeyValueStore['set']): void {
  const { accepted, forget, refused } = credentials;
  const saved = () => savedIn(given);
  if (!options.getToken) {
    const last = saved();
    if (options.username === undefined && options.sessionToken === undefined)
      credentials.username = last.username ?? '';
    if (last.username === credentials.username) credentials.token ??= last.token;
  }

  Object.assign(credentials, {
    accepted(reply, newPassword) {
      accepted(reply, newPassword);
      const { username, token } = credentials;
      if (reply.session_token) set(SESSION, JSON.stringify({ username, token }));
    },

    forget() {
      if (saved().token === credentials.token) set(SESSION, undefined);
      forget();
    },

    refused(error) {
      const hadToken = credentials.token !== undefined;
      const refusal = refused(error);
      // Another program on this store may have got a new one, with a new password.
      const { username, token } = saved();
      if (!hadToken || credentials.token !== undefined || !token || username !== credentials.username)
        return refusal;
      credentials.token = token;
      return undefined;
    },
  } satisfies Partial<typeof credentials>);
}
