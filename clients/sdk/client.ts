import { credentialsOf } from './credentials.ts';
import { emitterOf } from './emitter.ts';
import { entriesIn } from './entries.ts';
import { isTransient, RequestError } from './errors.ts';
import type { Inner } from './inner.ts';
import { addressOf, chatIdOf, chatRefOf, groupIdOf, recipientOf } from './names.ts';
import { newId } from './new-id.ts';
import { outboxOf } from './outbox.ts';
import { askOnce, socketOf } from './register.ts';
import { type Ask, sessionOf } from './session.ts';
import { allChats } from './start.ts';
import { syncOf } from './sync.ts';
import { exponentialBackoff, standardTiming } from './timing.ts';
import type { Changes, Chat, EditableChat, Events, Frame, Options, Recipient } from './types.ts';
import { watchForWakeUps } from './wake.ts';
import { withRetry } from './with-retry.ts';

// Retries of an idempotent request.
const RETRIES = 8;
// Messages of a page of history.
const PAGE = 50;

/** Logs in and reconnects until `close` or `logout`. @throws Error if the options are invalid */
export function connect(options: Options & { changes: Changes }): EditableChat;
export function connect(options: Options): Chat;
export function connect(options: Options): Chat {
  const { url, random = Math.random, getToken } = options;
  new URL(url);
  if (options.store && !options.store.keep)
    throw new Error('`store` must be made by storeOn({ get, set, keys }) of @parley-chat/client/store.');
  const webSocket = socketOf(options);
  const timing = { ...standardTiming, ...options.timing };
  const backoff = exponentialBackoff(timing, random);
  const { on, emit } = emitterOf<Events>();
  const credentials = credentialsOf(options, timing);
  const username = () => credentials.username;
  const ask: Ask = (request) => session.ask(request);
  const askWithRetry = withRetry(ask, backoff, RETRIES);
  const askOutside = withRetry((request) => askOnce(options, request), backoff);
  const common = { timing, backoff, ask, username };
  /** The ids of chats that the user has left. */
  const gone: string[] = [];

  const spelled = (to: Recipient): Recipient => {
    if (typeof to !== 'string') return { group: to.group.toLowerCase() };
    return getToken ? to : to.toLowerCase();
  };

  const left = (chatId: string): void => {
    inner.forget(chatId);
    emit('chat-left', { chat_id: chatId });
  };

  const caughtUp = (): void => {
    if (session.state === 'online' && sync.isCaughtUp) emit('caught-up', undefined);
  };

  const sync = syncOf({
    ...common,
    message(message) {
      emit('message', message);
      const sending = outbox.sendings.get(message.client_message_id ?? '');
      // Its reply is no longer needed.
      if (sending) outbox.sent(sending, message);
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

  const session = sessionOf(
    { timing, random, backoff, url, webSocket, credentials },
    {
      loginFields: () => sync.loginFields(),
      loggedIn: (reply, askThere) => sync.loggedIn(reply, askThere),

      frame(frame) {
        if (sync.frame(frame)) return;
        const { type = '' } = frame;
        if (type === 'REMOVED' || type === 'LEFT') left(`#${frame.group_id}`);
        // Also emits pushes that are newer than this client's types, but nothing that this client says by itself.
        if (/^[A-Z]/.test(type)) emit(type as keyof Events, frame as never);
      },

      state(change) {
        if (change.state === 'closed') {
          unwatch();
          sync.end();
        }
        emit('state', change);
        caughtUp();
      },
    },
  );

  const unwatch = watchForWakeUps(timing, session.wake);
  const inner: Inner = {
    ...{ options, timing, credentials, logs, sync, outbox, session, on, spelled, isTransient },
    error: RequestError,

    async request(request) {
      const { type, new_password: password, session_token: token } = request;
      const reply = await ask(request);
      if (type === 'change_password' && password) credentials.accepted(reply, password as string);
      if ((type === 'logout' && !token) || type === 'delete_account') inner.leave();
      // A reply to an edit or deletion: its entry will be delivered from the log.
      const { message_id, chat_id, seq } = reply;
      if (message_id && typeof chat_id === 'string') logs.expect(chat_id, seq as number);
      return reply;
    },

    async page(chat, before, limit) {
      const request = { type: 'fetch_history', ...addressOf(chat), before_seq: before, limit };
      const { messages } = await askWithRetry(request);
      // Leave out what has not been delivered yet: a `message` event will bring it.
      return entriesIn(messages).filter(({ chat_id, seq }) => seq <= (logs.cursor(chat_id) ?? seq));
    },

    forget(chatId) {
      gone.push(chatId);
      logs.forget(chatId);
      outbox.left(chatId);
    },

    leave: (detail) => session.end('logged_out', detail),

    async logout() {
      return session.state === 'online' && ask({ type: 'logout' }).then(Boolean, () => false);
    },

    endSession: (token) => askOutside({ type: 'logout', session_token: token }),
  };

  const request = ((given: Frame) => inner.request(given)) as Chat['request'];
  const failed = (id: string) => {
    const sending = outbox.sendings.get(id);
    return sending?.status === 'failed' ? sending : undefined;
  };

  const chat: Chat = {
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
    send: (to, content) => outbox.go(outbox.add({ id: newId(), to, content })),
    retry(id) {
      const sending = failed(id);
      if (sending) outbox.again(sending);
    },
    discard(id) {
      const sending = failed(id);
      if (!sending) return;
      outbox.remove(sending);
      outbox.changed(sending);
    },
    request,
    async history(given, { before, limit = PAGE } = {}) {
      const ref = chatRefOf(spelled(recipientOf(given)));
      // A private chat's id needs both names; while the user is unknown there is no cursor either.
      const known = logs.cursor(chatIdOf(username(), ref));
      return inner.page(ref, before ?? (known === undefined ? known : known + 1), limit);
    },
    async chats() {
      const before = gone.length;
      const chats = await allChats(askWithRetry);
      // The service may have read them before the user left.
      return chats.filter(({ chat_id }) => !gone.includes(chat_id, before));
    },
    async createGroup(name, fields) {
      const reply = await request({ type: 'create_group', group_name: name, ...fields });
      logs.begin(logs.get(groupIdOf(name)), 0);
      return reply;
    },
    joinGroup: (name) =>
      askWithRetry({ type: 'join_group', group_id: name }) as ReturnType<Chat['joinGroup']>,
    async leaveGroup(name) {
      const reply = await request({ type: 'leave_group', group_id: name });
      inner.forget(groupIdOf(name));
      return reply;
    },
    on,
    async logout() {
      const { token } = credentials;
      const isTold = await inner.logout();
      inner.leave();
      if (token && !isTold) void inner.endSession(token).catch(() => {});
    },
    close: () => session.end('closed'),
  };
  const more = options.changes?.(inner as never);
  // Last, as it keeps what changes do, too.
  options.store?.keep(inner as never);
  session.run();
  return Object.assign(chat, more);
}
