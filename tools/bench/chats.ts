import type { Client } from '../../test/support/client.ts';
import { repeat, type Samples } from './measure.ts';
import type { People } from './people.ts';

/** One round of a chat: send → MESSAGE_SENT, and send → RECEIVE at each recipient. */
export interface ChatSamples {
  sent: Samples;
  received: Samples;
}

/** A chat that can be measured repeatedly. */
export interface Chat {
  run(milliseconds: number): Promise<ChatSamples>;
}

/** One whose arrivals are noted. */
export interface Recipient {
  name: string;
  /** Passes on what arrives. */
  listen(takes: (text: string) => boolean): void;
}

/** One who writes. */
export interface Sender {
  recipients: readonly Recipient[];
  /** Sends a message. @returns when the service has taken it, if it tells */
  send(content: string): Promise<void>;
}

const PATIENCE_MS = 10_000;
// Messages of ours, and XMPP's.
const MESSAGE = /^(?:\{"type":"RECEIVE_|<message[\s>])/;
// Matches the message number, which ends the content and so the JSON string, or the element.
const NUMBER = / \((\d+)\)["<]/;

let messages = 0;

/** Tracks arrivals with one promise per message: a promise and a timer per recipient would distort the measurement. */
class Arrivals {
  /** Latency of each copy in milliseconds. */
  times: number[] = [];
  readonly #awaited = new Map<string, { at: number; missing: Set<Recipient>; done(): void }>();

  constructor(recipients: Iterable<Recipient>) {
    for (const each of recipients) each.listen((text) => this.#take(each, text));
  }

  /** Waits until all recipients have the message. @throws Error if one doesn't get it in time */
  all(number: string, at: number, recipients: readonly Recipient[]): Promise<void> {
    const missing = new Set(recipients);
    return new Promise((succeed, fail) => {
      const timer = setTimeout(() => {
        const names = [...missing].map(({ name }) => name);
        fail(new Error(`Message ${number} did not reach ${names.join(', ')}`));
      }, PATIENCE_MS);
      const done = () => {
        clearTimeout(timer);
        this.#awaited.delete(number);
        succeed();
      };
      this.#awaited.set(number, { at, missing, done });
    });
  }

  #take(recipient: Recipient, text: string): boolean {
    if (!MESSAGE.test(text)) return false;
    const message = this.#awaited.get(NUMBER.exec(text)?.[1] ?? '');
    if (message?.missing.delete(recipient)) this.times.push(performance.now() - message.at);
    if (message?.missing.size === 0) message.done();
    return message !== undefined;
  }
}

/**
 * Sends one message and waits until all recipients have it.
 * @returns milliseconds until the reply
 */
async function send({ recipients, send }: Sender, content: string, arrivals: Arrivals) {
  const number = String(++messages);
  const at = performance.now();
  const arrived = arrivals.all(number, at, recipients);
  const sent = send(`${content} (${number})`).then(() => performance.now() - at);
  const [took] = await Promise.all([sent, arrived]);
  return took;
}

const sender = (client: Client, recipients: readonly Client[], request: object): Sender => ({
  recipients,
  async send(content) {
    const { status } = await client.request({ ...request, content });
    if (status !== 'send_success') throw new Error(`A message was not sent: ${status}`);
  },
});

/** A chat of these senders, each of whom writes again when all have the last message. */
export function chat(senders: readonly Sender[], content: string): Chat {
  const arrivals = new Arrivals(new Set(senders.flatMap(({ recipients }) => recipients)));
  return {
    async run(milliseconds) {
      arrivals.times = [];
      const sent = await repeat(
        senders.map((sender) => () => send(sender, content, arrivals)),
        milliseconds,
      );
      return { sent, received: { times: arrivals.times, milliseconds: sent.milliseconds } };
    },
  };
}

/** Concurrent pairs of users; one of each pair writes. */
export async function privateChats(people: People, pairs: number, content: string): Promise<Chat> {
  const users = await people.users(2 * pairs);
  const recipients = users.slice(pairs);
  const senders = users.slice(0, pairs).flatMap((client, index) => {
    const recipient = recipients[index];
    if (recipient === undefined) return [];
    return [sender(client, [recipient], { type: 'SEND_MESSAGE', recipient: recipient.name })];
  });
  return chat(senders, content);
}

/** A group whose members are all online; some of them write. */
export async function groupChat(
  people: People,
  size: number,
  writers: number,
  content: string,
): Promise<Chat> {
  const creator = await people.user();
  const members = [creator, ...(await people.users(size - 1))];
  const groupname = await people.group(creator, members.slice(1));
  const senders = members.slice(0, writers).map((client) =>
    sender(
      client,
      members.filter((member) => member !== client),
      { type: 'SEND_GROUP_MESSAGE', groupname },
    ),
  );
  return chat(senders, content);
}
