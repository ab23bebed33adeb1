import type {
  Chat,
  ChatSummary,
  Code,
  EditableChat,
  Events,
  Message,
  Recipient,
  Sending,
  State,
} from '../../../clients/sdk/chat.ts';
import { emitterOf } from '../../../clients/sdk/emitter.ts';
import { RequestError } from '../../../clients/sdk/errors.ts';

/** A request as the SDK sends it. */
type Asked = { type: string; [field: string]: unknown };

/** A service in a test's hands: it has these chats and this history, and notes what is asked of it. */
export class FakeChat implements EditableChat {
  state: State = 'online';
  readonly username = 'alice';
  readonly sendings: Sending[] = [];
  summaries: ChatSummary[] = [];
  log: Message[] = [];
  /** Messages of a page at most, whatever is asked for: as many as fit, if they are long. */
  mostInPage = Number.POSITIVE_INFINITY;
  /** What was asked, oldest first. */
  readonly asked: object[] = [];
  /** What requests are answered with, by type; without an answer, they are refused. */
  answers: Record<string, object> = {};
  readonly #emitter = emitterOf<Events>();

  readonly on: Chat['on'] = (event, listener) => this.#emitter.on(event, listener);

  emit<E extends keyof Events>(event: E, value: Events[E]): void {
    this.#emitter.emit(event, value);
  }

  become(state: State, reason?: Code, detail?: string): void {
    this.state = state;
    this.emit('state', { state, reason, detail, retryInMs: 1_000 });
  }

  /** Whether its users are of an identity provider. */
  hasProvider = false;

  userIdOf(name: string): string {
    return this.hasProvider ? name : name.replace(/^#/, '').toLowerCase();
  }

  send(to: Recipient, content: string): Sending {
    this.asked.push({ type: 'send', to, content });
    return this.#sends({ to, content });
  }

  edit(to: Recipient, target: number | string, content: string): Sending {
    this.asked.push({ type: 'edit', to, target, content });
    return this.#sends({ to, content, target: target as number });
  }

  delete(to: Recipient, target: number | string, undoMs?: number): Sending {
    this.asked.push({ type: 'delete', to, target, undoMs });
    return this.#sends({ to, content: '', target: target as number, isDeletion: true, canUndo: true });
  }

  undo(id: string): void {
    this.asked.push({ type: 'undo', id });
  }

  flush(): void {
    this.asked.push({ type: 'flush' });
  }

  #sends(fields: Pick<Sending, 'to' | 'content'> & Partial<Sending>): Sending {
    const sending: Sending = {
      id: `id-${this.asked.length}`,
      status: 'pending',
      isDeletion: false,
      canUndo: false,
      message: new Promise(() => {}),
      ...fields,
    };
    this.sendings.push(sending);
    this.emit('sending', sending);
    return sending;
  }

  retry(id: string): void {
    this.asked.push({ type: 'retry', id });
  }

  discard(id: string): void {
    this.asked.push({ type: 'discard', id });
  }

  async history(chat: object, { before = Number.POSITIVE_INFINITY, limit = 50 } = {}): Promise<Message[]> {
    this.asked.push({ type: 'history', ...chat, before });
    return this.log.filter(({ seq }) => seq < before).slice(-limit);
  }

  async chats(): Promise<ChatSummary[]> {
    return this.summaries;
  }

  readonly createGroup = (name: string, fields?: object) =>
    this.#requests({ type: 'create_group', group_name: name, ...fields });
  readonly joinGroup = (name: string) => this.#requests({ type: 'join_group', group_id: name });
  readonly leaveGroup = (name: string) => this.#requests({ type: 'leave_group', group_id: name });

  /** Through `request`, which tests override. */
  #requests(request: Asked): Promise<never> {
    return this.request(request);
  }

  request(request: { type: string }): Promise<never> {
    return this.#answer(request);
  }

  async #answer(request: Asked): Promise<never> {
    this.asked.push(request);
    const answer = this.answers[request.type] ?? (request.type === 'fetch_history' && this.#page(request));
    if (!answer) throw new RequestError('bad_request', `No ${request.type} here.`);
    return answer as never;
  }

  /** A page of its history, upwards if it begins after a seq. */
  #page({ after_seq, before_seq = Number.POSITIVE_INFINITY, limit }: Asked): object {
    const [after, before] = [Number(after_seq ?? 0), Number(before_seq)];
    const found = this.log.filter(({ seq }) => seq > after && seq < before);
    const most = Math.min(Number(limit), this.mostInPage);
    const messages = after_seq === undefined ? found.slice(-most) : found.slice(0, most);
    if (messages.length === found.length) return { messages };
    const next =
      after_seq === undefined ? { before_seq: messages[0]?.seq } : { after_seq: messages.at(-1)?.seq };
    return { messages, next };
  }

  async logout(): Promise<void> {
    this.asked.push({ type: 'logout' });
  }

  close(): void {
    this.become('closed', 'closed');
  }
}
