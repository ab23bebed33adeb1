import type { ChatRef, EditableChat, KeyValueStore, Message, StateChange } from '../sdk/chat.ts';
import { chatIdOf, recipientOf } from '../sdk/names.ts';
import type { Profiles } from '../sdk/profiles.ts';
import { changeOf, lastOwn, UNDO_MS, withChange } from '../view/changes.ts';
import { withoutSource } from '../view/detail.ts';
import { listen } from '../view/listen.ts';
import { emptyLog } from '../view/log.ts';
import { Names } from '../view/names.ts';
import { News } from '../view/news.ts';
import { Reader } from '../view/reader.ts';
import { isBy } from '../view/sender.ts';
import { listed, nextRow, openRow, type Row, sendingsIn } from '../view/view.ts';
import { commandWords, hasSecret, inPeoplesWords, isCommand, runCommand, textOfLine } from './commands.ts';
import { completed } from './completion.ts';
import { edited, emptyEditor, type Key, submitted, textOf, withText } from './editor.ts';
import { tellFullDisk } from './full-disk.ts';
import { invitedMeanwhile } from './groups.ts';
import { type Host, refOf, type Setting } from './host.ts';
import { anchorAbove, inSight, noticeTopAfter, pageOf, paneOf, type Size, scrolled } from './layout.ts';
import { listenForNotices } from './notices.ts';
import { reduceScreen, type ScreenAction } from './screen-reducer.ts';
import { emptyScreen, type Question, type ScreenView } from './screen-view.ts';
import { graphemes } from './text.ts';

const PAGE = 50;

/** The options of a chat page. */
interface ChatPageOptions {
  chat: EditableChat;
  size(): Size;
  now(): number;
  /** Called when the screen must be redrawn. */
  changed(): void;
  /** Called when the user quits. */
  quit(): void;
  /** Rings the bell. */
  ring?(): void;
  /** Whether it may ring. Default: no. */
  hasBell?: boolean;
  /** Whether all that was missed has arrived. */
  isCaughtUp?: boolean;
  /** What was typed and not sent, by chat. */
  drafts?: KeyValueStore;
  /** What the client keeps its state in. */
  store?: Pick<KeyValueStore, 'unkept'>;
}

// Pages that are read to find where news begins, and the messages on each.
const MOST_PAGES = 5;
const LARGE_PAGE = 200;
// News that follows other news so soon does not ring again.
const BURST_MS = 5_000;

/** Applies keys and chat events to the view. */
export class ChatPage implements Host {
  view: ScreenView;
  readonly chat: EditableChat;
  readonly isScreen = true;
  readonly isPatient = false;
  readonly #options: ChatPageOptions;
  readonly #reader: Reader;
  readonly #names: Names;
  readonly #ends: (() => void)[];
  readonly #loading = new Set<string>();
  /** Whether the notice says why there is no token. */
  #lackedToken = false;
  /** Of the chat that was open last. */
  #opened: { id: string; news: News } | undefined;
  /** Says who has invited the user meanwhile. */
  readonly #invitedMeanwhile: () => Promise<string | undefined>;
  /** Whether the terminal has said that its window is not looked at. */
  #isAway = false;
  #hasBell: boolean;
  #isCaughtUp: boolean;
  #newsAt = Number.NEGATIVE_INFINITY;
  /** Resolves when the running command is done; undefined if none is running. */
  #command: Promise<unknown> | undefined;
  /** Called with the answer to the question; undefined if there is none. */
  #answered: (answer: string | undefined) => void = () => {};

  constructor(options: ChatPageOptions) {
    const { chat, now, hasBell = false, isCaughtUp = false } = options;
    this.#options = options;
    this.#hasBell = hasBell;
    this.#isCaughtUp = isCaughtUp;
    this.chat = chat;
    this.view = { ...emptyScreen(chat.username, now()), state: chat.state };
    this.#reader = new Reader(chat, now);
    this.#names = new Names(chat, (event) => this.#happen(event), now);
    this.#invitedMeanwhile = invitedMeanwhile(chat);
    this.#ends = [
      listen(chat, (event) => this.#happen(event)),
      listenForNotices(chat, (line) => this.tell([line])),
      tellFullDisk(options.store ?? {}, chat, (line) => this.tell([line])),
      chat.on('state', (change) => this.#changed(change)),
      chat.on('message', (message) => this.#news(message)),
      chat.on('caught-up', () => {
        this.#isCaughtUp = true;
      }),
    ];
    if (chat.state === 'online') this.#online();
  }

  get columns(): number {
    return paneOf(this.#options.size());
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
    this.chat.delete(recipientOf(chat), target, UNDO_MS);
  }

  tell(notice: readonly string[]): void {
    this.#happen({ what: 'noticed', notice });
  }

  async show(chat?: ChatRef): Promise<void> {
    // Whoever comes back begins where the news are then.
    this.#opened = undefined;
    if (!chat) return this.#happen({ what: 'shown' });
    const id = chatIdOf(this.view.me, chat);
    const [kind, name] =
      'group' in chat ? (['group', chat.group] as const) : (['private', chat.user] as const);
    this.#happen({ what: 'shown', chat: { id, kind, name } });
    // Whoever has begun a line while a command opens the chat goes on with that.
    const draft = textOf(this.view.editor) === '' ? this.#options.drafts?.get(id) : undefined;
    if (draft !== undefined) this.#happen({ what: 'typed', editor: withText(this.view.editor, draft) });
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
    await this.#quietly(async () => {
      const chats = await this.chat.chats();
      this.#happen({ what: 'chats', chats });
      this.#reader.listed(this.view, chats);
    });
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
    if (setting === 'bell') this.#hasBell = isOn;
    else this.#happen({ what: 'numbered', hasNumbers: isOn });
  }

  quit(): void {
    this.#options.quit();
  }

  /** Updates what depends on the time. */
  tick(): void {
    this.#keepDraft();
    this.#happen({ what: 'tick', now: this.#options.now() });
  }

  key(key: Key): void {
    const { name = '', ctrl, shift } = key;
    const { question } = this.view;
    if (name === 'focus' || name === 'blur') this.#focus(name === 'focus');
    else if (question) this.#answer(question, key);
    else if (key.isPasted) this.#type(key);
    else if (ctrl && (name === 'c' || (name === 'd' && textOf(this.view.editor) === ''))) this.quit();
    else if (name === 'return' || name === 'enter') void this.#enter();
    else if (name === 'pageup' || name === 'pagedown') void this.#page(name === 'pageup' ? -1 : 1);
    else if (name === 'tab' && !shift && isCommand(textOf(this.view.editor))) this.#complete();
    else if (name === 'tab') void this.#turn(shift ? -1 : 1);
    else if (name === 'escape') this.#escape();
    else if (name === 'end' && this.view.editor.after.length === 0) this.#toEnd();
    else this.#type(key);
  }

  /** Called before each frame. Goes to where news begins, if it would be out of sight, and marks as read what is seen. */
  look(): void {
    const row = this.open;
    if (!row || this.#loading.has(row.id)) return;
    const size = this.#options.size();
    const news = this.#newsIn(row);
    const log = this.view.logs.get(row.id) ?? emptyLog;
    news.readElsewhere(row.read);
    const first = log.messages[news.firstUnseenIn(log.messages)];
    if (this.view.anchor === undefined && first && first.seq < inSight(this.view, size).first) {
      const after = first.seq - 1;
      const anchor = anchorAbove(this.view, size, after);
      this.view = reduceScreen(reduceScreen(this.view, { what: 'new', after }), { what: 'scrolled', anchor });
    }
    const seen = inSight(this.view, size);
    if (this.#isAway) news.leap();
    else if (seen.last > 0) {
      news.look(log.messages, seen.last, Math.min(seen.first, seen.last));
      this.view = reduceScreen(this.view, { what: 'looked', chatId: row.id, parts: news.seen });
      this.view = this.#reader.sees(this.view, news.readUpTo(log));
    }
    this.view = { ...this.view, above: news.above(log, row) };
  }

  /** What the user has seen of the open chat. */
  #newsIn(row: Row): News {
    if (this.#opened?.id !== row.id)
      this.#opened = { id: row.id, news: new News(this.view.me, row, this.view.seen.get(row.id)) };
    return this.#opened.news;
  }

  close(): void {
    this.#keepDraft();
    // Nobody is here any more who would undo it.
    this.chat.flush();
    for (const end of this.#ends) end();
  }

  #online(): void {
    void this.refresh();
    void this.#quietly(async () => {
      const line = await this.#invitedMeanwhile();
      if (line !== undefined) this.tell([...this.view.notice, line]);
    });
  }

  #changed({ state, reason, detail }: StateChange): void {
    if (state === 'online') this.#online();
    else this.#isCaughtUp = false;
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

  #complete(): void {
    const { editor } = this.view;
    const found = completed(editor.before.join(''), commandWords, this.rows);
    if (!found) return;
    this.tell(found.choices.length > 0 ? [found.choices.join('  ')] : []);
    this.#happen({ what: 'typed', editor: { ...editor, before: graphemes(found.line) } });
  }

  /** Runs lines one after the other, as a paste may bring several: those after `/join team` are for the team. */
  async #enter(): Promise<void> {
    const line = textOf(this.view.editor);
    if (line.trim() === '') return;
    this.tell([]);
    if (!isCommand(line)) this.#toEnd();
    this.#happen({ what: 'typed', editor: submitted(this.view.editor, !hasSecret(line)) });
    this.#keepDraft();
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
      if (error) this.tell([inPeoplesWords(error)]);
      return;
    }
    if (!this.open) return this.tell(['Open a chat first: /msg NAME, /join GROUP, or Tab.']);
    this.send(refOf(this.open), textOfLine(line));
  }

  /** Takes the notice away, or else goes to the end of the conversation. */
  #escape(): void {
    if (this.view.notice.length > 0) this.tell([]);
    else this.#toEnd();
  }

  /** Goes to the end of the conversation. What is passed over stays unread. */
  #toEnd(): void {
    const { open: row } = this;
    if (row && this.view.anchor) this.#newsIn(row).jump(this.view.logs.get(row.id)?.messages ?? []);
    this.#happen({ what: 'scrolled', anchor: undefined });
  }

  /** The window was left, or is looked at again. What comes in between is new. */
  #focus(isFocused: boolean): void {
    this.#isAway = !isFocused;
    const row = this.open;
    if (row && this.#isAway && row.unread === 0) this.#happen({ what: 'new', after: row.lastSeq });
    else this.#options.changed();
  }

  /** Rings for a message that its user does not see arrive; for a burst of them once. */
  #news(message: Message): void {
    const { chat_id: id, edits, deletes } = message;
    if (!this.#isCaughtUp || isBy(message, this.view.me) || (edits ?? deletes) !== undefined) return;
    if (id === this.view.openId && !this.view.anchor && !this.#isAway) return;
    const now = this.#options.now();
    const isBurst = now - this.#newsAt < BURST_MS;
    this.#newsAt = now;
    if (this.#hasBell && !isBurst) this.#options.ring?.();
  }

  /** Keeps what is typed, for the chat that it is typed in. */
  #keepDraft(): void {
    const { openId, editor } = this.view;
    const { drafts } = this.#options;
    // After a logout nothing is kept.
    if (openId === '' || !drafts || this.chat.state === 'closed') return;
    const text = textOf(editor);
    const draft = text === '' || isCommand(text) ? undefined : text;
    if (drafts.get(openId) !== draft) drafts.set(openId, draft);
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
    if (!next) return;
    this.#keepDraft();
    const isDraft = !isCommand(textOf(this.view.editor));
    if (isDraft) this.#happen({ what: 'typed', editor: withText(this.view.editor, '') });
    await this.show(refOf(next));
  }

  /** Loads the messages before the first known one, if more are needed. @param isMore whether they are needed anyway */
  async #older(isMore = false): Promise<void> {
    const row = this.open;
    if (!row || this.#loading.has(row.id)) return;
    this.#loading.add(row.id);
    await this.#quietly(async () => {
      for (let pages = 0; pages < MOST_PAGES && this.#needsOlder(row.id, isMore && pages === 0); pages++) {
        const before = this.view.logs.get(row.id)?.first;
        const limit = pages === 0 ? PAGE : LARGE_PAGE;
        const page = await this.chat.history(refOf(row), { before, limit });
        this.#happen({ what: 'history', chatId: row.id, page, before });
      }
    });
    this.#loading.delete(row.id);
    this.#options.changed();
  }

  /** Whether messages are missing: to fill the screen, or from where news begins. */
  #needsOlder(id: string, isMore: boolean): boolean {
    const row = this.view.rows.get(id);
    const log = this.view.logs.get(id);
    if (!row || log?.isWhole || row.lastSeq === 0) return false;
    const isAfterNews = row.unread > 0 && (log?.first ?? Number.POSITIVE_INFINITY) > row.read + 1;
    return isMore || isAfterNews || (log?.messages.length ?? 0) < PAGE;
  }

  /** Runs a task in the background. Its errors are not shown, as the next connection tries again. */
  async #quietly(work: () => Promise<void>): Promise<void> {
    await work().catch(() => {});
  }

  #happen(event: ScreenAction): void {
    this.view = reduceScreen(this.view, event);
    this.#names.look(this.view);
    this.#options.changed();
  }
}
