import type { Reply } from '../harness/connection.ts';
import { type Arrival, groupOf, groupsOf } from './arrivals.ts';
import type { Crowd } from './crowd.ts';
import type { DeliveryCheck, Sent } from './delivery-check.ts';
import type { Mark } from './mark.ts';
import type { Load } from './options.ts';

/** The options of a sender. */
export interface SenderOptions {
  crowd: Crowd;
  deliveries: DeliveryCheck;
  mark: Mark;
  load: Load;
  /** Called with the latency of each reply, from the due time. */
  onReply: (ms: number) => void;
}

/** Sends messages without waiting for replies, and records the outcomes. */
export class Sender {
  readonly begun = performance.now();
  outstanding = 0;
  lastReply = 0;
  readonly #options: SenderOptions;
  readonly #due: number[] = [];
  readonly #members: number[][];
  #sent = 0;
  #acknowledged = 0;
  #unanswered = 0;
  readonly #refused: Record<string, number> = {};
  #waiting: (() => void)[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
    const { load } = options;
    this.#members = Array.from({ length: groupsOf(load) }, () => []);
    for (let user = 0; user < load.users; user++) this.#members[groupOf(user, load)]?.push(user);
  }

  get isFull(): boolean {
    return this.outstanding >= this.#options.load.outstanding;
  }

  /** The due time of a sent message (`performance.now()`). */
  dueAt(index: number): number {
    return this.begun + (this.#due[index] ?? 0);
  }

  /** Waits for the next reply. */
  room(): Promise<void> {
    return new Promise((done) => this.#waiting.push(done));
  }

  /** Waits until all replies have arrived or timed out. */
  async settled(): Promise<void> {
    while (this.outstanding > 0) await this.room();
  }

  counts() {
    return {
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      refused: this.#refused,
      unanswered: this.#unanswered,
    };
  }

  send(arrival: Arrival): void {
    const { crowd, deliveries, mark } = this.#options;
    const { index, sender, due } = arrival;
    const message = this.#messageOf(arrival);
    this.#due[index] = due;
    deliveries.send(message);
    this.#sent++;
    this.outstanding++;
    const content = mark.content(index);
    const request =
      arrival.recipient === undefined
        ? { type: 'SEND_GROUP_MESSAGE', group_id: message.to, content }
        : { type: 'SEND_MESSAGE', recipient: message.to, content };
    const reply = crowd.users[sender]?.request(request) ?? Promise.reject();
    void reply
      .then(
        (answer) => this.#book(index, answer),
        () => this.#unanswered++,
      )
      .finally(() => this.#settle());
  }

  #messageOf({ index, sender, recipient }: Arrival): Sent {
    const { crowd, load } = this.#options;
    const at = performance.now();
    if (recipient !== undefined)
      return { index, sender, recipients: [recipient], to: crowd.name(recipient), at };
    const members = this.#members[groupOf(sender, load)] ?? [];
    return {
      index,
      sender,
      recipients: members.filter((user) => user !== sender),
      to: crowd.group(sender),
      at,
    };
  }

  #book(index: number, { frame, at }: Reply): void {
    const { deliveries, onReply } = this.#options;
    this.lastReply = at;
    if (frame.status === 'send_success') {
      this.#acknowledged++;
      onReply(at - this.dueAt(index));
      const [chat, seq, id] = [String(frame.chat_id), Number(frame.seq), String(frame.message_id)];
      deliveries.acknowledge(index, { chat, seq, id, at });
      return;
    }
    const code = String(frame.code);
    this.#refused[code] = (this.#refused[code] ?? 0) + 1;
    deliveries.refuse(index, code);
  }

  #settle(): void {
    this.outstanding--;
    for (const go of this.#waiting.splice(0)) go();
  }
}
