import { targetOf } from '../../sdk/changes.ts';
import type { Message } from '../../sdk/chat.ts';
import { groupIdOf } from '../../sdk/names.ts';
import { partOfUser } from '../../sdk/store.ts';
import { MOST_RECENT } from '../../view/invitations.ts';
import { isBy, nameIn } from '../../view/sender.ts';
import { isolated } from '../../view/words.ts';
import { startOf } from './format.ts';
import type { Model } from './model.ts';
import { canShow, leftNotes, type Note, showNote } from './notes.ts';
import { subscribe, unsubscribe } from './push.ts';
import { closeNotes, onLead, onPushed, pushing, registration } from './worker.ts';

/** Notifies of what others write, and of invitations, while no tab of the user is visible, once the user has allowed it. */
export class Notifier {
  /** Whether the user may be asked: something came that they would have been notified of. */
  isOffered = false;
  readonly #model: Model;
  /** By chat; each closes it. */
  readonly #shown = new Map<string, () => void>();
  readonly #stops: (() => void)[];
  #release = () => {};
  #hasAdopted = false;
  /** Chats of which a backend has pushed something that the list may not have yet. */
  readonly #pushed = new Set<string>();
  /** Aborted when the user leaves. */
  readonly #subscribing = new AbortController();

  constructor(model: Model) {
    this.#model = model;
    const look = () => this.#look();
    document.addEventListener('visibilitychange', look);
    look();
    this.#stops = [
      () => document.removeEventListener('visibilitychange', look),
      model.chat.on('message', (message) => void this.#tell(message)),
      model.invitations.onCome((come) => {
        // The list has the others.
        for (const { group, by, title = group } of come.slice(0, MOST_RECENT).reverse()) {
          const body = `${isolated(model.nameOf(by))} invites you to this group.`;
          void this.#show({ title, body, tag: groupIdOf(group) });
        }
      }),
      model.onChange(() => {
        void this.#adoptAll();
        this.#withdraw();
      }),
      onLead((id) => this.#lead(id)),
      onPushed((id) => {
        this.#pushed.add(id);
        void this.#adoptPushed();
      }),
      model.onOnline(() => void this.#adoptPushed()),
      // Not after the reply: whoever logs out may close the page before.
      model.onLogout(() => {
        this.#leave();
        void unsubscribe(pushing, model.store, (user) => user === model.chat.username);
      }),
      () => this.#leave(),
      () => this.#release(),
    ];
    if (model.service.push === undefined) void unsubscribe(pushing, model.store, () => true);
    else if ('Notification' in window && Notification.permission === 'granted') void this.#subscribe();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    for (const close of this.#shown.values()) close();
    void closeNotes();
  }

  /** Nothing more is subscribed. What was before, ends with the login (app.tsx, token-app.tsx). */
  #leave(): void {
    this.#subscribing.abort(new Error('the user has left'));
  }

  /** Has the browser ask the user. Browsers want this to be in answer to a click. */
  async ask(): Promise<void> {
    this.isOffered = false;
    this.#model.looks();
    if ((await Notification.requestPermission()) === 'granted') await this.#subscribe();
  }

  /** Where a backend pushes, it has this browser's subscription: told at each start, as keys and subscriptions may change. */
  async #subscribe(): Promise<void> {
    const { chat, service, proof, store } = this.#model;
    const { push: backend } = service;
    if (backend === undefined) return;
    await subscribe(pushing, { backend, proof, store, user: chat.username }, this.#subscribing);
  }

  /** Offers it no more to this user here. */
  decline(): void {
    this.isOffered = false;
    this.#model.store.set(this.#declined, '1');
    this.#model.looks();
  }

  get #declined(): string {
    return `${partOfUser(this.#model.chat.username)}n`;
  }

  /** The lock that all visible tabs of this user share. A tab that crashes has it no more. */
  get #visible(): string {
    return `parley/visible/${encodeURIComponent(this.#model.chat.username)}`;
  }

  #look(): void {
    this.#release();
    if (document.hidden) return;
    const held = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    void navigator.locks?.request(this.#visible, { mode: 'shared' }, () => held);
  }

  async #tell(message: Message): Promise<void> {
    const { chat_id: id, seq, content } = message;
    const model = this.#model;
    const isMessage = targetOf(message) === undefined && message.deleted === undefined;
    if (!isMessage || isBy(message, model.chat.username)) return;
    const row = model.list.find((each) => each.id === id);
    if (!row || seq <= row.read) return;
    const text = startOf(content);
    const name = nameIn(message, (id) => model.nameOf(id));
    await this.#show({
      title: model.titleOf(row),
      body: row.kind === 'group' || message.system ? `${isolated(name)}: ${text}` : text,
      tag: id,
    });
  }

  async #show(note: Note): Promise<void> {
    if (!document.hidden) return;
    const model = this.#model;
    // Only pages with TLS can have notifications.
    if (!('Notification' in window) || !window.isSecureContext) return;
    const { held = [] } = await navigator.locks.query();
    if (held.some(({ name }) => name === this.#visible)) return;
    const { permission } = Notification;
    const showing = { worker: await registration(), Notification };
    if (permission === 'default') {
      this.isOffered = model.store.get(this.#declined) === undefined && canShow(showing);
      model.looks();
    }
    if (permission !== 'granted') return;
    const close = await showNote(note, () => this.#lead(note.tag), showing);
    if (!close) return;
    this.#shown.set(note.tag, close);
    // It may have been read meanwhile.
    this.#withdraw();
  }

  #lead(id: string): void {
    const row = this.#model.list.find((each) => each.id === id);
    window.focus();
    // An invitation is in the list, which a phone shows while no chat is open.
    if (row || this.#invited.has(id)) void this.#model.show(row);
  }

  /** The groups that the user is invited to, as chats. */
  get #invited(): ReadonlySet<string> {
    return new Set(this.#model.invitations.list.map(({ group }) => groupIdOf(group)));
  }

  #left = async () => leftNotes(await registration());

  /** Those of before a reload are withdrawn, too: once the service has said what is unread, and who invites. */
  async #adoptAll(): Promise<void> {
    const { isListed, invitations } = this.#model;
    if (this.#hasAdopted || !isListed || !invitations.isRead) return;
    this.#hasAdopted = true;
    await this.#adopt(() => true);
  }

  /**
   * What was pushed may have been read before it came. Only a new list tells: a page that was frozen doesn't know yet that
   * its connection is gone, nor what came since.
   */
  async #adoptPushed(): Promise<void> {
    const ids = [...this.#pushed];
    const { state } = this.#model;
    if (ids.length === 0 || state !== 'online' || !(await this.#model.refresh())) return;
    for (const id of ids) this.#pushed.delete(id);
    await this.#adopt((id) => ids.includes(id));
  }

  async #adopt(isMeant: (id: string) => boolean): Promise<void> {
    for (const [id, close] of await this.#left())
      if (isMeant(id) && !this.#shown.has(id)) this.#shown.set(id, close);
    this.#withdraw();
  }

  /** What was read or answered, here or elsewhere, needs no notification. */
  #withdraw(): void {
    if (this.#shown.size === 0) return;
    const unread = new Set(this.#model.list.filter((row) => row.unread > 0).map(({ id }) => id));
    const invited = this.#invited;
    for (const [id, close] of this.#shown)
      if (!unread.has(id) && !invited.has(id)) {
        close();
        this.#shown.delete(id);
      }
  }
}
