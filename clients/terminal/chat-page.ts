import type { Chat, ChatRef, Message, StateChange } from '../sdk/chat.ts';
import { chatIdOf, recipientOf } from '../sdk/names.ts';
import type { Profiles } from '../sdk/profiles.ts';
import { changeOf, lastOwn, withChange } from '../view/changes.ts';
import { withoutSource } from '../view/detail.ts';
import { listen } from '../view/listen.ts';
import { Names } from '../view/names.ts';
import { Reader } from '../view/reader.ts';
import { listed, nextRow, openRow, type Row, sendingsIn } from '../view/view.ts';
import { hasSecret, isCommand, runCommand, textOfLine } from './commands.ts';
import { edited, emptyEditor, type Key, submitted, textOf } from './editor.ts';
import { type Host, refOf, type Setting } from './host.ts';
import { noticeTopAfter, pageOf, type Size, scrolled } from './layout.ts';
import { listenForNotices } from './notices.ts';
import { reduceScreen, type ScreenAction } from './screen-reducer.ts';
import { emptyScreen, type Question, type ScreenView } from './screen-view.ts';

const PAGE = 50;

/** The options of a chat page. */
interface ChatPageOptions {
  chat: Chat;
  size(): Size;
  now(): number;
  /** Called when the screen must be redrawn. */
  changed(): void;
  /** Called when the user quits. */
  quit(): void;
}

/** Applies keys and chat events to the view. */
export class ChatPage implements Host {
  view: ScreenView;
  readonly chat: Chat;
  readonly isScreen = true;
  readonly isPatient = false;
  readonly #options: ChatPageOptions;
  readonly #reader: Reader;
  readonly #names: Names;
  readonly #ends: (() => void)[];
  readonly #loading = new Set<string>();
  /** Whether the notice says why there is no token. */
  #lackedToken = false;
  /** Resolves when the running command is done; undefined if none is running. */
  #command: Promise<unknown> | undefined;
  /** Called with the answer to the question; undefined if there is none. */
  #answered: (answer: string | undefined) => void = () => {};

  constructor(options: ChatPageOptions) {
    const { chat, now } = options;
    this.#options = options;
    this.chat = chat;
    this.view = { ...emptyScreen(chat.username, now()), state: chat.state };
    this.#reader = new Reader(chat, now);
    this.#names = new Names(chat, (event) => this.#happen(event), now);
    this.#ends = [
      listen(chat, (event) => this.#happen(event)),
      listenForNotices(chat, (line) => this.tell([line])),
      chat.on('state', (change) => this.#changed(change)),
    ];
    if (chat.state === 'online') void this.refresh();
  }

  get open(): Row | undefined {
    return openRow(this.view);
  }

  get rows(): readonly Row[] {
    return listed(this.view);
  }

  async lastOwn(chat: ChatRef): Promise<number | string | undefined> {
    const { view } = this;
    const id = chatIdOf(view.me, chat);
    const changed = (message: Message) => withChange(message, changeOf(view, id, message.seq));
    return lastOwn(view.logs.get(id)?.messages ?? [], sendingsIn(view, id), changed, view.me)?.target;
  }

  edit(chat: ChatRef, target: number | string, content: string): void {
    this.chat.edit(recipientOf(chat), target, content);
  }

  remove(chat: ChatRef, target: number | string): void {
    this.chat.delete(recipientOf(chat), target);
  }

  tell(notice: readonly string[]): void {
    this.#happen({ what: 'noticed', notice });
  }

  async show(chat?: ChatRef): Promise<void> {
    if (!chat) return this.#happen({ what: 'shown' });
    const id = chatIdOf(this.view.me, chat);
    const [kind, name] =
      'group' in chat ? (['group', chat.group] as const) : (['private', chat.user] as const);
    this.#happen({ what: 'shown', chat: { id, kind, name } });
    await this.#older();
  }

  async older(): Promise<void> {
    await this.#page(-1);
  }

  async next(): Promise<void> {
    await this.#turn(1);
  }

  async reads({ id }: Row): Promise<void> {
    await this.chat.request({ type: 'mark_read', chat: id });
    await this.refresh();
  }

  send(chat: ChatRef, content: string): void {
    this.chat.send(recipientOf(chat), content);
  }

  get profiles(): Profiles {
    return this.#names.profiles;
  }

  renamed(key: string): Promise<void> {
    return this.#names.changed(key);
  }

  left({ id: chatId }: Row): void {
    this.#happen({ what: 'left', chatId });
  }

  async refresh(): Promise<void> {
    await this.#quietly(async () => this.#happen({ what: 'chats', chats: await this.chat.chats() }));
    // Open a chat at the start, instead of an empty screen.
    const [first] = this.rows;
    if (!this.open && first) await this.show(refOf(first));
    else await this.#older();
  }

  askSecrets(questions: readonly string[]): Promise<string[] | undefined> {
    return new Promise((resolve) => {
      const answers: string[] = [];
      // At once, as the next key may be of the next answer.
      const next = () => {
        const text = questions[answers.length];
        this.#happen({
          what: 'asked',
          question: text === undefined ? undefined : { text, editor: emptyEditor },
        });
        if (text === undefined) resolve(answers);
      };
      this.#answered = (answer) => {
        if (answer !== undefined) {
          answers.push(answer);
          return next();
        }
        this.#happen({ what: 'asked', question: undefined });
        resolve(undefined);
      };
      next();
    });
  }

  set(setting: Setting, isOn: boolean): void {
    if (setting === 'numbers') this.#happen({ what: 'numbered', hasNumbers: isOn });
  }

  quit(): void {
    this.#options.quit();
  }

  /** Updates what depends on the time. */
  tick(): void {
    this.#happen({ what: 'tick', now: this.#options.now() });
  }

  key(key: Key): void {
    const { name = '', ctrl, shift } = key;
    const { question } = this.view;
    if (question) this.#answer(question, key);
    else if (key.isPasted) this.#type(key);
    else if (ctrl && (name === 'c' || (name === 'd' && textOf(this.view.editor) === ''))) this.quit();
    else if (name === 'return' || name === 'enter') void this.#enter();
    else if (name === 'pageup' || name === 'pagedown') void this.#page(name === 'pageup' ? -1 : 1);
    else if (name === 'tab') void this.#turn(shift ? -1 : 1);
    else if (name === 'escape') this.#calm();
    else this.#type(key);
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  #changed({ state, reason, detail }: StateChange): void {
    if (state === 'online') void this.refresh();
    // What the command for tokens says, its user may be able to mend.
    if (state === 'waiting' && reason === 'no_token') this.tell([withoutSource(detail)]);
    if (state === 'online' && this.#lackedToken) this.tell([]);
    if (state !== 'connecting') this.#lackedToken = reason === 'no_token';
  }

  /** Edits the answer to a question. It is in no history. */
  #answer(question: Question, key: Key): void {
    const { name = '', ctrl, isPasted } = key;
    if (!isPasted && (name === 'return' || name === 'enter')) this.#answered(textOf(question.editor));
    else if (!isPasted && (name === 'escape' || (ctrl && (name === 'c' || name === 'd'))))
      this.#answered(undefined);
    else this.#happen({ what: 'asked', question: { ...question, editor: edited(question.editor, key) } });
  }

  #type(key: Key): void {
    const editor = edited(this.view.editor, key);
    if (editor === this.view.editor) return;
    const text = textOf(editor);
    if (this.open && text !== '' && !isCommand(text)) this.#reader.types(this.open);
    this.#happen({ what: 'typed', editor });
  }

  /** Runs lines one after the other, as a paste may bring several: those after `/join team` are for the team. */
  async #enter(): Promise<void> {
    const line = textOf(this.view.editor);
    if (line.trim() === '') return;
    this.#calm();
    this.#happen({ what: 'typed', editor: submitted(this.view.editor, !hasSecret(line)) });
    const before = this.#command;
    const done = before ? before.then(() => this.#line(line)) : this.#line(line);
    if (!before && !isCommand(line)) return;
    this.#command = done;
    await done;
    if (this.#command === done) this.#command = undefined;
  }

  async #line(line: string): Promise<void> {
    if (isCommand(line)) {
      const error = await runCommand(this, line);
      if (error) this.tell([error.message]);
      return;
    }
    if (!this.open) return this.tell(['Open a chat first: /msg NAME, /join GROUP, or Tab.']);
    this.send(refOf(this.open), textOfLine(line));
  }

  /** Scrolls to the end of the conversation and clears the notice. */
  #calm(): void {
    this.#happen({ what: 'noticed', notice: [] });
    this.#happen({ what: 'scrolled', anchor: undefined });
  }

  async #page(direction: -1 | 1): Promise<void> {
    const size = this.#options.size();
    const top = noticeTopAfter(this.view, size, direction);
    if (top !== undefined) return this.#happen({ what: 'leafed', top });
    const by = direction * pageOf(this.view, size);
    const { isTop } = scrolled(this.view, size, by);
    // Read the history before showing it.
    if (isTop && direction < 0) await this.#older(true);
    this.#happen({ what: 'scrolled', anchor: scrolled(this.view, size, by).anchor });
  }

  /** Opens the next chat with unread messages, or else the next chat. */
  async #turn(direction: -1 | 1): Promise<void> {
    const next = nextRow(this.view, direction);
    if (next) await this.show(refOf(next));
  }

  /** Loads the messages before the first known one. @param isMore whether to, even if some are loaded */
  async #older(isMore = false): Promise<void> {
    const row = this.open;
    const log = row && this.view.logs.get(row.id);
    if (!row || this.#loading.has(row.id) || log?.isWhole || row.lastSeq === 0) return;
    if (!isMore && (log?.messages.length ?? 0) >= PAGE) return;
    this.#loading.add(row.id);
    await this.#quietly(async () => {
      const page = await this.chat.history(refOf(row), { before: log?.first, limit: PAGE });
      this.#happen({ what: 'history', chatId: row.id, page });
    });
    this.#loading.delete(row.id);
  }

  /** Runs a task in the background. Its errors are not shown, as the next connection tries again. */
  async #quietly(work: () => Promise<void>): Promise<void> {
    await work().catch(() => {});
  }

  #happen(event: ScreenAction): void {
    const view = reduceScreen(this.view, event);
    this.view = this.#reader.sees(view, shownIn(view));
    this.#names.look(this.view);
    this.#options.changed();
  }
}

/** The seq up to which the screen shows the open chat: to the end, or all above the last visible message, which may be cut off. */
function shownIn({ anchor, logs, openId }: ScreenView): number {
  const newest = logs.get(openId)?.last ?? 0;
  // What is not stored yet has no seq, and stands after all messages.
  const cut = Number(anchor?.key ?? Number.NaN);
  return Number.isNaN(cut) ? newest : cut - 1;
}
