import type { Readable, Writable } from 'node:stream';
import {
  type ChatRef,
  type Code,
  type EditableChat,
  type Message,
  type Recipient,
  RequestError,
  type Sending,
} from '../sdk/chat.ts';
import { chatIdOf, chatRefOf, recipientOf } from '../sdk/names.ts';
import { type Profiles, profilesOf } from '../sdk/profiles.ts';
import { isAllRead, nothingRead } from '../sdk/reading.ts';
import { between } from '../view/between.ts';
import { UNDO_MS } from '../view/changes.ts';
import { countText } from '../view/counts.ts';
import { listen } from '../view/listen.ts';
import { Names } from '../view/names.ts';
import { type Action, reduce } from '../view/reducer.ts';
import { isIn, type Parts, Seen, withPart } from '../view/seen.ts';
import { isBy } from '../view/sender.ts';
import { unsentIn } from '../view/unsent.ts';
import {
  emptyView,
  listed,
  nameOf,
  nextRow,
  openRow,
  type Row,
  sendingsIn,
  type View,
} from '../view/view.ts';
import { inPeoplesWords, isCommand, runCommand, textOfLine } from './commands.ts';
import { invitedMeanwhile } from './groups.ts';
import { chatNamed, type Host, Refusal, refOf, type Setting, wordFor } from './host.ts';
import { InOrder } from './in-order.ts';
import { type InputLine, linesOf } from './lines-of.ts';
import { listenForNotices } from './notices.ts';
import { type LineOfInput, type Report, reportAs } from './report.ts';

/** The options of the line client. */
interface Pipes {
  input: Readable;
  output: Writable;
  errors: Writable;
  json: boolean;
  /** Keep listening after the end of the input. */
  follow: boolean;
  /** Stop at the first line that fails. */
  strict?: boolean;
  /** Print the numbers of messages. */
  numbers?: boolean;
  /** A user types the lines. */
  isInteractive?: boolean;
  /** Hides what is typed, or shows it again. @throws Error if it cannot */
  echo?(isOn: boolean): void;
}

// The maximum number of lines read ahead of those sent.
const MOST_PENDING = 100;
// Messages of a chat that `/delete` takes back one after the other, at most.
const MOST_OWN = 100;
// Messages that a chat shows when it is opened, and `/history` and `/next` each time.
const PAGE = 20;

/** What was printed of a chat since it was opened. */
interface Printed {
  id: string;
  /** What is read, and what was printed. */
  seen: Seen;
  /** What was printed alone. */
  lines: Parts;
  /** The first message that was; undefined before any. */
  first?: number;
  /** News go on after this message; undefined if all of them were printed. */
  goesOnAfter?: number | undefined;
}

/**
 * Sends each line, prints what arrives, and ends when the input has ended and everything is sent.
 * @param open logs in; calls its argument with the chat before any event can arrive
 * @returns the exit code
 */
export async function pipe(
  open: (opened: (chat: EditableChat) => void) => Promise<EditableChat>,
  pipes: Pipes,
): Promise<0 | 1> {
  const report = reportAs(pipes);
  let over: (reason?: Code) => void = () => {};
  const closed = new Promise<Code | undefined>((resolve) => {
    over = resolve;
  });
  let caught: () => void = () => {};
  const caughtUp = new Promise<undefined>((resolve) => {
    caught = () => resolve(undefined);
  });
  /** Whether all that was missed at the last login has come. */
  let isCaughtUp = false;
  // After a refused login there is another attempt, if the user can be asked.
  let current: EditableChat | undefined;
  let sender: Sender | undefined;
  const chat = await open((chat) => {
    chat.on('message', (message) => {
      if (isBy(message, chat.username) || sender?.hasPrinted(message)) return;
      report.message(message, sender?.called(message.sender));
    });
    chat.on('caught-up', () => {
      isCaughtUp = true;
      caught();
    });
    chat.on('state', (change) => {
      isCaughtUp = false;
      report.state(change);
      if (change.state === 'closed' && chat === current) over(change.reason);
    });
  });
  current = chat;
  if (chat.state === 'closed') over('closed');
  sender = new Sender(chat, report, pipes, () => isCaughtUp);
  // Whoever sits there and quits need not wait for what is to come.
  const all = sender.all(pipes.input).then(() => (pipes.isInteractive ? undefined : caughtUp));
  const reason = await Promise.race([closed, pipes.follow ? all.then(() => closed) : all]);
  const mayClose = pipes.follow || pipes.isInteractive;
  const isWanted = reason === undefined || reason === 'logged_out' || (mayClose && reason === 'closed');
  return (sender.isFine || pipes.isInteractive) && isWanted ? 0 : 1;
}

class Sender implements Host {
  readonly chat: EditableChat;
  readonly profiles: Profiles;
  readonly isScreen = false;
  readonly columns = 80;
  readonly isPatient: boolean;
  isFine = true;
  readonly #report: Report;
  readonly #pipes: Pipes;
  readonly #isCaughtUp: () => boolean;
  readonly #pending = new Set<Promise<void>>();
  readonly #order = new InOrder();
  /** Chat id → the seqs of the messages that this run has sent there; none before one that failed. */
  readonly #own = new Map<string, number[]>();
  #printed: Printed | undefined;
  /** The line that is running. */
  #line: LineOfInput | undefined;
  #view: View;
  #names: Names | undefined;
  /** Says who has invited the user meanwhile. */
  readonly #invitedMeanwhile: () => Promise<string | undefined>;
  #lines: AsyncGenerator<InputLine> | undefined;
  #isOver = false;

  constructor(chat: EditableChat, report: Report, pipes: Pipes, isCaughtUp: () => boolean) {
    this.chat = chat;
    this.#report = report;
    this.#pipes = pipes;
    this.#isCaughtUp = isCaughtUp;
    this.isPatient = !pipes.isInteractive;
    this.#view = emptyView(chat.username, 0);
    // A script needs no names, which cost requests.
    if (pipes.isInteractive)
      this.#names = new Names(
        chat,
        (action) => this.#happen(action),
        () => performance.now(),
      );
    this.#invitedMeanwhile = invitedMeanwhile(chat);
    this.profiles = this.#names?.profiles ?? profilesOf(chat);
    listen(chat, (action) => this.#happen(action));
    chat.on('caught-up', () => this.#marks());
    listenForNotices(chat, (text) => report.notice(text));
  }

  get rows() {
    return listed(this.#view);
  }

  get open(): Row | undefined {
    return openRow(this.#view);
  }

  called(username: string): string {
    return nameOf(this.#view, username);
  }

  /** Runs the lines one after the other. */
  async all(input: Readable): Promise<void> {
    if (this.isPatient || this.chat.state === 'online') await this.refresh();
    // Whoever sits there may write at once; the chats come with the connection.
    else void this.refresh().catch(() => {});
    // Messages that an earlier run could not send.
    for (const sending of this.chat.sendings) if (sending.status === 'pending') this.#wait(sending);
    if (this.#pipes.isInteractive) {
      if (this.chat.state === 'online') await this.#greet();
      this.chat.on('state', ({ state }) => state === 'online' && void this.#tellInvitations());
    }
    this.#lines = linesOf(input);
    for (;;) {
      this.#prompt();
      const line = await this.#next();
      if (line === undefined) break;
      this.#line = line;
      if (line.text.trim() !== '' || line.problem !== undefined) await this.#run(line);
      if (this.#isOver) break;
    }
    await (this.isPatient ? Promise.all(this.#pending) : this.#part());
  }

  /** Whoever quits waits a moment at most: what is not sent then is sent the next time. */
  async #part(): Promise<void> {
    const unsent = this.chat.state === 'closed' ? 0 : await unsentIn(this.chat);
    if (unsent > 0) this.#report.notice(`Not sent yet: ${unsent}. That is done when you are here again.`);
  }

  async #greet(): Promise<void> {
    const news = this.rows.filter(({ unread }) => unread > 0).length;
    if (news > 0)
      this.tell([`There is something new in ${news} of your chats: /next opens one, /chats lists them.`]);
    await this.#tellInvitations();
  }

  async #tellInvitations(): Promise<void> {
    // Nobody waits for these if they cannot be had.
    const invited = await this.#invitedMeanwhile().catch(() => undefined);
    if (invited !== undefined) this.tell([invited]);
  }

  tell(lines: readonly string[]): void {
    this.#report.told(lines);
  }

  /** Whoever types sees where the news begin, or the last messages if there are none. */
  async show(chat?: ChatRef): Promise<void> {
    this.#happen({ what: 'shown', chat: chat && rowOf(this.chat.username, chat) });
    this.#printed = undefined;
    const { open } = this;
    if (!chat || !open || !this.#pipes.isInteractive) return;
    // Where nothing was ever read, nobody left off.
    if (open.unread > 0 && open.read > 0) await this.#printNews(open, open.read);
    else await this.older(chat);
  }

  async older(chat: ChatRef): Promise<void> {
    if (this.chat.state !== 'online') return;
    const row = this.#rowOf(chat);
    const printed = this.#printedOf(row);
    const { first } = printed;
    // What comes meanwhile is printed as it comes.
    const before = first ?? (row.lastSeq > 0 ? row.lastSeq + 1 : undefined);
    const part = { after: undefined, before, limit: PAGE };
    const { messages: page, hasMore } = await between(this.chat, refOf(row), part);
    this.#print(page, printed);
    if (first !== undefined && page.length === 0) this.tell(['This is where it begins.']);
    printed.first = (hasMore ? page[0]?.seq : undefined) ?? 1;
    const theirs = page.filter((each) => !isBy(each, this.chat.username) && !each.deleted).length;
    const isAllNew = first === undefined && !row.moreUnread && theirs >= row.unread;
    await this.#sees(
      row,
      isAllNew ? row.read + 1 : printed.first,
      first === undefined ? row.lastSeq : first - 1,
    );
    const isLeft = first === undefined && !isAllNew && this.#rowOf(chat).unread > 0;
    if (isLeft && this.#pipes.isInteractive)
      this.tell([
        `Of ${countText(row, Infinity)} unread messages, these are the last: /history shows those before, /read marks all as read.`,
      ]);
  }

  async next(): Promise<void> {
    const { open } = this;
    const after = open && this.#goesOnAfter(open);
    if (open && after !== undefined) return this.#printNews(open, after);
    const row = nextRow(this.#view, 1);
    if (!row) throw new Refusal('You have no chats. /msg NAME begins one.');
    await this.show(refOf(row));
  }

  /** After which message the news of a chat go on; undefined if all of them were printed, perhaps as they came. */
  #goesOnAfter(row: Row): number | undefined {
    const printed = this.#printedOf(row);
    const after = printed.goesOnAfter;
    if (after === undefined) return undefined;
    const end = printed.seen.parts.find(([first, last]) => first <= after && after <= last)?.[1] ?? after;
    printed.goesOnAfter = end < row.lastSeq ? end : undefined;
    return printed.goesOnAfter;
  }

  /** Prints the oldest messages after one. */
  async #printNews(row: Row, after: number): Promise<void> {
    if (this.chat.state !== 'online') return;
    const printed = this.#printedOf(row);
    // What came behind them since the chat was opened was printed as it came, and so is what comes meanwhile.
    const live = printed.seen.parts.find(([first]) => first > after);
    const before = live?.[0] ?? row.lastSeq + 1;
    const part = { after, before, limit: PAGE + 1 };
    const { messages, hasMore } = await between(this.chat, refOf(row), part);
    const page = messages.slice(0, PAGE);
    this.#print(page, printed);
    const isAll = !hasMore && messages.length === page.length;
    const end = isAll ? before - 1 : (page.at(-1)?.seq ?? after);
    printed.first ??= page[0]?.seq ?? after + 1;
    printed.goesOnAfter = isAll ? undefined : end;
    await this.#sees(row, after + 1, end);
    if (!isAll) this.tell(['There is more: /next goes on, /read marks all as read.']);
  }

  /** Prints a page, without what whoever types has on the screen already: what was missed also comes by itself. */
  #print(messages: readonly Message[], printed: Printed): void {
    for (const message of messages) {
      if (this.hasPrinted(message)) continue;
      printed.lines = withPart(printed.lines, message.seq, message.seq);
      this.#report.message(message, this.called(message.sender));
    }
  }

  /** Whether whoever types has seen a message since they opened its chat. */
  hasPrinted({ chat_id, seq }: Message): boolean {
    const printed = this.#pipes.isInteractive ? this.#printed : undefined;
    return printed?.id === chat_id && isIn(printed.lines, seq);
  }

  #rowOf(chat: ChatRef): Row {
    const row = rowOf(this.chat.username, chat);
    return this.#view.rows.get(row.id) ?? { ...row, ...nothingRead };
  }

  /** What was printed of a chat; of another one than the last time, nothing. */
  #printedOf({ id, read }: Row): Printed {
    if (this.#printed?.id !== id) this.#printed = { id, seen: new Seen(read), lines: [] };
    return this.#printed;
  }

  /** These are on the screen of whoever types: they are read, unless some before them are not. */
  async #sees(before: Row, first: number, last: number): Promise<void> {
    if (!this.#pipes.isInteractive) return;
    const { seen } = this.#printedOf(before);
    seen.shows(first, last);
    // Something may have come while these were asked for.
    const row = this.#view.rows.get(before.id) ?? before;
    // Before the chats were listed, nobody knew how far it was read.
    const [[, end] = [0, 0]] = withPart(seen.parts, 0, row.read);
    const seq = Math.min(end, row.lastSeq);
    if (isAllRead(row) || seq <= row.read) return;
    await this.chat.request({ type: 'mark_read', chat: row.id, seq });
    this.#happen({ what: 'read', chatId: row.id, username: this.chat.username, seq });
    // How many of the others are left, only the service knows.
    if (seq < row.lastSeq) await this.refresh();
  }

  /** A message of the open chat came, and was printed. @param last the end of the chat before; 0 if it is not known */
  #came(row: Row, message: Message, last: number): void {
    if (!this.#pipes.isInteractive) return;
    const { seq } = message;
    const printed = this.#printedOf(row);
    // One's own are printed by pages alone.
    if (!isBy(message, this.chat.username)) printed.lines = withPart(printed.lines, seq, seq);
    // One of those that were missed: all of them are marked at once, when they are here.
    if (seq <= last && !this.#isCaughtUp()) printed.seen.shows(seq, seq);
    // The service may have listed the chat with it before it came.
    else void this.#sees(row, last === 0 ? seq : Math.min(last + 1, seq), seq).catch(() => {});
  }

  /** All that was missed has come. */
  #marks(): void {
    const { open } = this;
    if (open && this.#printed?.id === open.id) void this.#sees(open, 1, 0).catch(() => {});
  }

  async reads({ id }: Row): Promise<void> {
    await this.chat.request({ type: 'mark_read', chat: id });
    if (this.#printed?.id === id) this.#printed.goesOnAfter = undefined;
    await this.refresh();
  }

  async renamed(key: string): Promise<void> {
    await this.#names?.changed(key);
  }

  async lastOwn(chat: ChatRef): Promise<number | string | undefined> {
    const id = chatIdOf(this.chat.username, chat);
    const unsent = sendingsIn(this.#view, id).findLast(
      ({ status, isDeletion }) => status === 'pending' && !isDeletion,
    );
    if (unsent && !this.isPatient) return unsent.id;
    const sent = this.#ownIn(recipientOf(chat)).at(-1);
    // A script means a message of its own, and if that failed, none before it.
    if (sent !== undefined || this.isPatient) return sent;
    const page = await this.chat.history(chat);
    return page.findLast((message) => isBy(message, this.chat.username) && !message.deleted)?.seq;
  }

  send(chat: ChatRef, content: string): void {
    this.#wait(this.chat.send(recipientOf(chat), content), this.#line);
  }

  edit(chat: ChatRef, target: number | string, content: string): void {
    this.#wait(this.chat.edit(recipientOf(chat), target, content), this.#line);
  }

  remove(chat: ChatRef, target: number | string): void {
    const sending = this.chat.delete(recipientOf(chat), target, this.isPatient ? undefined : UNDO_MS);
    // Whoever sits there need not wait until it can't be undone any more.
    if (this.isPatient) this.#wait(sending, this.#line);
    else sending.message.catch((error) => error.code === 'discarded' || this.#failed(sending, error)());
  }

  left({ id: chatId }: { id: string }): void {
    this.#happen({ what: 'left', chatId });
  }

  async refresh(): Promise<void> {
    this.#happen({ what: 'chats', chats: await this.chat.chats() });
  }

  async askSecrets(questions: readonly string[]): Promise<string[] | undefined> {
    const { echo, isInteractive, errors } = this.#pipes;
    if (!isInteractive || !echo) throw new Refusal('This is asked for at a terminal only.');
    try {
      echo(false);
    } catch {
      throw new Refusal('This terminal cannot hide what you type.');
    }
    try {
      const answers: string[] = [];
      for (const question of questions) {
        errors.write(question);
        const line = await this.#next();
        errors.write('\n');
        if (line === undefined) return undefined;
        answers.push(line.text);
      }
      return answers;
    } finally {
      echo(true);
    }
  }

  set(setting: Setting, isOn: boolean): void {
    if (setting === 'bell') throw new Refusal('There is no bell here.');
    this.#report.set({ numbers: isOn });
  }

  quit(): void {
    this.#isOver = true;
  }

  async #next(): Promise<InputLine | undefined> {
    const { done, value } = (await this.#lines?.next()) ?? { done: true };
    this.#report.prompt(undefined);
    return done ? undefined : value;
  }

  #prompt(): void {
    if (this.#pipes.isInteractive) this.#report.prompt(this.open ? wordFor(this.open) : '');
  }

  async #run(line: InputLine): Promise<void> {
    const { text, problem } = line;
    if (problem !== undefined) this.#refuse(line, problem);
    else if (isCommand(text)) {
      // The command may depend on the messages before it.
      await this.#sentOrOffline();
      const error = await runCommand(this, text);
      if (error)
        this.#refuse(line, inPeoplesWords(error), error instanceof RequestError ? error.code : undefined);
    } else this.#message(line);
    if (this.#pipes.strict) await Promise.all(this.#pending);
    if (this.#pending.size >= MOST_PENDING) await Promise.race(this.#pending);
    if (this.#pipes.strict && !this.isFine) this.#isOver = true;
  }

  /** Waits until all is sent; where somebody sits, as long as there is a connection. */
  async #sentOrOffline(): Promise<void> {
    const sent = Promise.all(this.#pending);
    if (this.isPatient) await sent;
    else if (this.chat.state === 'online') {
      let stop = () => {};
      const isOffline = new Promise<void>((resolve) => {
        stop = this.chat.on('state', () => resolve());
      });
      await Promise.race([sent, isOffline]);
      stop();
    }
  }

  #message(line: InputLine): void {
    if (this.open) this.send(refOf(this.open), textOfLine(line.text));
    else this.#addressed(line);
  }

  /** A line that names who it is for. */
  #addressed(line: InputLine): void {
    const [, to = '', content = ''] = /^\s*(\S+)\s(.*)$/s.exec(line.text) ?? [];
    if (content.trim() === '') this.#refuse(line, 'There is nothing to send. A line is TO MESSAGE.');
    else if (/^#?$/.test(to)) this.#refuse(line, 'It does not say to whom. A line is TO MESSAGE.');
    else this.send(chatNamed(this, to), content);
  }

  #refuse(line: InputLine, reason: string, code?: Code): void {
    this.isFine = false;
    this.#begin()(() => this.#report.problem(reason, code, line));
  }

  /** A script learns of its lines in their order. Whoever sits there is told at once. */
  #begin(): (say?: () => void) => void {
    return this.isPatient ? this.#order.begin() : (say) => say?.();
  }

  #wait(sending: Sending, line?: LineOfInput): void {
    const done = this.#begin();
    const waiting = sending.message
      .then(
        (message) => {
          this.#sent(sending, message);
          done();
        },
        (error: unknown) => done(this.#failed(sending, error, line)),
      )
      .finally(() => this.#pending.delete(waiting));
    this.#pending.add(waiting);
  }

  #sent({ to, target, isDeletion }: Sending, message: Message): void {
    const own = this.#ownIn(to);
    if (target === undefined) own.push(message.seq);
    else if (isDeletion) own.splice(0, own.length, ...own.filter((seq) => seq !== target));
    if (own.length > MOST_OWN) own.shift();
    this.#report.sent(message);
  }

  #ownIn(to: Recipient): number[] {
    const id = chatIdOf(this.chat.username, chatRefOf(to));
    const own = this.#own.get(id) ?? [];
    this.#own.set(id, own);
    return own;
  }

  /** Discards failed messages: they were reported as failed, so a later run must not send them. */
  #failed(sending: Sending, error: unknown, line?: LineOfInput): () => void {
    if (!(error instanceof RequestError)) throw error;
    this.isFine = false;
    if (sending.target === undefined) this.#ownIn(sending.to).length = 0;
    this.chat.discard(sending.id);
    return () => this.#report.failed(sending, error, line);
  }

  #happen(action: Action): void {
    const before = this.open?.lastSeq ?? 0;
    // Messages are printed and not kept: it may run for months.
    this.#view = { ...reduce(this.#view, action), logs: new Map() };
    this.#names?.look(this.#view);
    const { open } = this;
    if (action.what === 'message' && open && open.id === action.message.chat_id)
      this.#came(open, action.message, before);
  }
}

function rowOf(me: string, chat: ChatRef): Pick<Row, 'id' | 'kind' | 'name'> {
  const id = chatIdOf(me, chat);
  return 'group' in chat ? { id, kind: 'group', name: chat.group } : { id, kind: 'private', name: chat.user };
}
