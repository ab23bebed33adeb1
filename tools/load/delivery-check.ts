import { type Fault, type FaultKind, misordered, NOT_STORED, wrongIn } from './faults.ts';

/** A place in a chat's log. */
export interface Place {
  chat: string;
  seq: number;
  id: string;
}

/** A sent message and its outcome; times are in milliseconds of one clock. */
export interface Sent {
  index: number;
  sender: number;
  /** Its recipients. */
  recipients: readonly number[];
  /** The name of the recipient or group. */
  to: string;
  at: number;
  acknowledged?: Place & { at: number };
  /** The code of a refusal, after which it must not be stored. */
  refused?: string;
}

/** A message in a chat's history; without `index` if it is from another run. */
export interface Stored {
  seq: number;
  id: string;
  timestamp: string;
  index?: number;
}

/** The number of faults, with some examples. */
export type Verdict = Record<FaultKind, number> & { examples: string[] };

const EXAMPLES = 20;

/** Records what was sent, acknowledged and received, and finds lost, duplicated and misordered messages. */
export class DeliveryCheck {
  readonly sent: Sent[] = [];
  /** Pushes that arrived after a later message of their chat. That is allowed: clients order by `seq`. */
  overtaken = 0;
  /** First copies received, and the copies expected if everything sent is stored. */
  received = 0;
  expected = 0;
  readonly #copies = new Map<number, Map<number, Place>>();
  readonly #chats = new Map<string, Sent[]>();
  readonly #newest = new Map<string, number>();
  readonly #faults: Fault[] = [];
  readonly #repeats: { user: number; index: number }[] = [];

  send(message: Sent): void {
    this.sent[message.index] = message;
    this.expected += message.recipients.length;
  }

  acknowledge(index: number, acknowledged: Place & { at: number }): void {
    const message = this.sent[index];
    if (message === undefined) return;
    message.acknowledged = acknowledged;
    const { chat } = acknowledged;
    const others = this.#chats.get(chat);
    if (others) others.push(message);
    else this.#chats.set(chat, [message]);
  }

  refuse(index: number, code: string): void {
    const message = this.sent[index];
    if (message === undefined) return;
    message.refused = code;
    if (NOT_STORED.has(code)) this.expected -= message.recipients.length;
  }

  /**
   * Records a copy that a user received.
   * @param wasCut whether the user had lost a connection, so that a login may deliver a message again
   * @returns the message, if it was for this user and this is the first copy
   */
  receive(user: number, index: number, place: Place, wasCut = false): Sent | undefined {
    const message = this.sent[index];
    if (!message?.recipients.includes(user)) {
      this.#fault('unexpected', `user ${user} got message ${index}, which was sent to others`);
      return undefined;
    }
    const copies = this.#copies.get(user) ?? new Map<number, Place>();
    this.#copies.set(user, copies);
    if (copies.has(index)) {
      if (!wasCut) this.#repeats.push({ user, index });
      return undefined;
    }
    copies.set(index, place);
    this.received++;
    this.#watch(user, place);
    return message;
  }

  /** Adds a chat's history from this run's first message on. */
  compare(chat: string, stored: readonly Stored[]): void {
    // One by one, as there may be too many for the arguments of one call.
    for (const fault of wrongIn(chat, stored, this.#chats.get(chat) ?? [], this.sent))
      this.#faults.push(fault);
  }

  /** The acknowledged messages of each chat. */
  get chats(): ReadonlyMap<string, readonly Sent[]> {
    return this.#chats;
  }

  /**
   * @param away users who lost the connection and did not reconnect, so what they received is unknown
   */
  verdict(away: ReadonlySet<number> = new Set()): Verdict {
    const faults = [
      ...this.#faults,
      ...[...this.#chats.values()].flat().flatMap((message) => this.#compareCopies(message, away)),
      ...this.#deliveredThoughRefused(),
      ...[...this.#chats].flatMap(([chat, messages]) => misordered(chat, messages)),
      ...this.#repeats.map(
        ({ user, index }): Fault => ({ kind: 'duplicated', text: `user ${user} got message ${index} twice` }),
      ),
    ];
    const count = (wanted: FaultKind) => faults.filter(({ kind }) => kind === wanted).length;
    return {
      lost: count('lost'),
      duplicated: count('duplicated'),
      misordered: count('misordered'),
      unexpected: count('unexpected'),
      examples: faults.slice(0, EXAMPLES).map(({ kind, text }) => `${kind}: ${text}`),
    };
  }

  #fault(kind: FaultKind, text: string): void {
    this.#faults.push({ kind, text });
  }

  #watch(user: number, { chat, seq }: Place): void {
    const key = `${user} ${chat}`;
    const newest = this.#newest.get(key) ?? 0;
    if (seq < newest) this.overtaken++;
    else this.#newest.set(key, seq);
  }

  #deliveredThoughRefused(): Fault[] {
    return [...this.#copies].flatMap(([user, copies]) =>
      [...copies.keys()]
        .filter((index) => NOT_STORED.has(this.sent[index]?.refused ?? ''))
        .map(
          (index): Fault => ({
            kind: 'unexpected',
            text: `user ${user} got message ${index}, which was refused`,
          }),
        ),
    );
  }

  /** Checks that every recipient has the message, with the seq that the sender was told. */
  #compareCopies({ index, recipients, acknowledged }: Sent, away: ReadonlySet<number>): Fault[] {
    return recipients.flatMap((user): Fault[] => {
      const copy = this.#copies.get(user)?.get(index);
      if (copy === undefined && away.has(user)) return [];
      if (copy === undefined) return [{ kind: 'lost', text: `user ${user} never got message ${index}` }];
      const isSame =
        copy.chat === acknowledged?.chat && copy.seq === acknowledged.seq && copy.id === acknowledged.id;
      return isSame
        ? []
        : [
            {
              kind: 'misordered',
              text: `user ${user} got message ${index} as ${copy.seq} of ${copy.chat}, but it was acknowledged as ${acknowledged?.seq} of ${acknowledged?.chat}`,
            },
          ];
    });
  }
}
