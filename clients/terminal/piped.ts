import type { Readable, Writable } from 'node:stream';
import { type Chat, type ChatRef, type Code, RequestError } from '../sdk/chat.ts';
import { type Profiles, profilesOf } from '../sdk/profiles.ts';
import { reduce } from '../view/reducer.ts';
import { emptyView, listed } from '../view/view.ts';
import { isCommand, runCommand } from './commands.ts';
import { chatNamed, type Host } from './host.ts';
import { linesOf } from './lines-of.ts';
import { type Report, reportAs } from './report.ts';

/** The options of the line client. */
interface Pipes {
  input: Readable;
  output: Writable;
  errors: Writable;
  json: boolean;
  /** Keep listening after the end of the input. */
  follow: boolean;
}

// The maximum number of lines read ahead of those sent.
const MOST_PENDING = 100;

/**
 * Sends each line, prints what arrives, and ends when the input has ended and everything is sent.
 * @param open logs in; calls its argument with the chat before any event can arrive
 * @returns the exit code
 */
export async function pipe(
  open: (opened: (chat: Chat) => void) => Promise<Chat>,
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
  // After a refused login there is another attempt, if the user can be asked.
  let current: Chat | undefined;
  const chat = await open((chat) => {
    chat.on('message', (message) => message.sender !== chat.username && report.message(message));
    chat.on('caught-up', caught);
    chat.on('state', (change) => {
      report.state(change);
      if (change.state === 'closed' && chat === current) over(change.reason);
    });
  });
  current = chat;
  if (chat.state === 'closed') over('closed');
  const sender = new Sender(chat, report);
  const all = sender.all(pipes.input).then(() => caughtUp);
  const reason = await Promise.race([closed, pipes.follow ? all.then(() => closed) : all]);
  const isWanted = reason === undefined || reason === 'logged_out' || (pipes.follow && reason === 'closed');
  return sender.isFine && isWanted ? 0 : 1;
}

class Sender implements Host {
  readonly chat: Chat;
  readonly profiles: Profiles;
  readonly open = undefined;
  readonly lastOwn = undefined;
  isFine = true;
  readonly #report: Report;
  readonly #pending = new Set<Promise<void>>();
  #view;
  #isOver = false;

  constructor(chat: Chat, report: Report) {
    this.chat = chat;
    this.profiles = profilesOf(chat);
    this.#report = report;
    this.#view = emptyView(chat.username, 0);
  }

  get rows() {
    return listed(this.#view);
  }

  /** Runs the lines one after the other. */
  async all(input: Readable): Promise<void> {
    await this.refresh();
    // Messages that an earlier run could not send.
    for (const sending of this.chat.sendings) if (sending.status === 'pending') this.#wait(sending);
    for await (const line of linesOf(input)) {
      if (line.trim() !== '') await this.#line(line);
      if (this.#isOver) break;
    }
    await Promise.all(this.#pending);
  }

  tell(lines: readonly string[]): void {
    this.#report.told(lines);
  }

  async show(): Promise<void> {}

  async renamed(): Promise<void> {}

  send(chat: ChatRef, content: string): void {
    this.#wait(this.chat.send('group' in chat ? chat : chat.user, content));
  }

  left({ id: chatId }: { id: string }): void {
    this.#view = reduce(this.#view, { what: 'left', chatId });
  }

  async refresh(): Promise<void> {
    this.#view = reduce(this.#view, { what: 'chats', chats: await this.chat.chats() });
  }

  quit(): void {
    this.#isOver = true;
  }

  async #line(line: string): Promise<void> {
    if (isCommand(line)) {
      // The command may depend on the messages before it.
      await Promise.all(this.#pending);
      this.isFine = (await runCommand(this, line)) && this.isFine;
      return;
    }
    const [, to = '', content = ''] = /^\s*(\S+)\s(.*)$/s.exec(line) ?? [];
    if (content === '') {
      this.isFine = false;
      this.#report.problem(`${line.trim()}: nothing to send. A line is TO MESSAGE.`);
      return;
    }
    this.send(chatNamed(this, to), content);
    if (this.#pending.size >= MOST_PENDING) await Promise.race(this.#pending);
  }

  #wait(sending: ReturnType<Chat['send']>): void {
    const waiting = sending.message
      .then(
        (message) => this.#report.sent(message),
        (error: unknown) => this.#failed(sending, error),
      )
      .finally(() => this.#pending.delete(waiting));
    this.#pending.add(waiting);
  }

  /** Discards failed messages: they were reported as failed, so a later run must not send them. */
  #failed(sending: ReturnType<Chat['send']>, error: unknown): void {
    if (!(error instanceof RequestError)) throw error;
    this.isFine = false;
    this.#report.failed(sending, error);
    this.chat.discard(sending.id);
  }
}
