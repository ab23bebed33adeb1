// As much of XMPP as `npm run bench:peers` needs (RFC 6120, XEP-0045), over TCP on this machine without encryption.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Recipient, Sender } from './chats.ts';

const HOST = 'localhost';
const ROOMS = `conference.${HOST}`;
const FEATURES = /<\/stream:features>/;
const STANZA = /<(message|presence|iq)(?:\s[^>]*)?(?:\/>|>[\s\S]*?<\/\1>)/gy;

/** What somebody waits for. */
interface Awaited {
  pattern: RegExp;
  done(): void;
}

/** One user's connection. */
export class XmppClient implements Recipient {
  readonly name: string;
  readonly #socket: Socket;
  readonly #listeners: ((text: string) => boolean)[] = [];
  #rest = '';
  #awaited: Awaited | undefined;

  private constructor(name: string, socket: Socket) {
    this.name = name;
    this.#socket = socket.setEncoding('utf8').setNoDelay();
    socket.on('data', (text: string) => this.#take(text));
  }

  /** Logs in. The server creates who is new, or knows them already. */
  static async login(name: string, port: number): Promise<XmppClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new XmppClient(name, socket);
    const open = `<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" to="${HOST}" version="1.0">`;
    await client.#ask(`<?xml version="1.0"?>${open}`, FEATURES);
    const plain = Buffer.from(`\0${name}\0password`).toString('base64');
    const auth = `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${plain}</auth>`;
    await client.#ask(auth, /<success/);
    await client.#ask(open, FEATURES);
    const bind = '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>bench</resource></bind>';
    await client.#ask(`<iq type="set" id="bind">${bind}</iq>`, /<\/iq>/);
    await client.#ask('<presence/>', /<presence/);
    return client;
  }

  /** Enters a room, which is created if there is none. */
  async enter(room: string): Promise<void> {
    const history = '<x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x>';
    // 110: this presence is one's own, the last of those in the room.
    await this.#ask(`<presence to="${room}@${ROOMS}/${this.name}">${history}</presence>`, /code=['"]110/);
  }

  /** Writes to this user. The server doesn't tell that it has a message. */
  privately(to: XmppClient): Sender {
    return this.#sender(`type="chat" to="${to.name}@${HOST}"`, [to]);
  }

  toRoom(room: string, recipients: readonly XmppClient[]): Sender {
    return this.#sender(`type="groupchat" to="${room}@${ROOMS}"`, recipients);
  }

  listen(takes: (text: string) => boolean): void {
    this.#listeners.push(takes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #sender(head: string, recipients: readonly Recipient[]): Sender {
    return {
      recipients,
      send: async (content) => void this.#socket.write(`<message ${head}><body>${content}</body></message>`),
    };
  }

  /** Sends, and waits for what comes to match. */
  #ask(text: string, pattern: RegExp): Promise<void> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`${this.name}: no ${pattern} in ${this.#rest}`)), 60_000);
      this.#rest = '';
      this.#awaited = {
        pattern,
        done: () => {
          clearTimeout(timer);
          done();
        },
      };
      this.#socket.write(text);
    });
  }

  #take(text: string): void {
    this.#rest += text;
    if (this.#awaited) this.#answer(this.#awaited);
    else this.#pass();
  }

  #answer({ pattern, done }: Awaited): void {
    if (!pattern.test(this.#rest)) return;
    this.#awaited = undefined;
    this.#rest = '';
    done();
  }

  /** Passes on each whole stanza. */
  #pass(): void {
    let end = 0;
    for (const [stanza] of this.#rest.matchAll(STANZA)) {
      end += stanza.length;
      this.#listeners.some((takes) => takes(stanza));
    }
    this.#rest = this.#rest.slice(end);
  }
}
