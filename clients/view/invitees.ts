import type { Chat } from '../sdk/chat.ts';

/** Who is invited to the open group and has not joined, by name, page by page. Only the group's owner may know. */
export class Invitees {
  list: readonly string[] = [];
  /** Whether there are some that are not read yet. */
  hasMore = false;
  #group: string | undefined;
  #isRead = false;
  #pages = 1;
  /** Counts what was changed here: a list that was asked for before that may be older. */
  #changes = 0;
  readonly #chat: Pick<Chat, 'request'>;
  readonly #changed: () => void;

  /** @param changed the list has changed */
  constructor(chat: Pick<Chat, 'request'>, changed: () => void) {
    this.#chat = chat;
    this.#changed = changed;
  }

  /** Follows another group, or none. */
  follow(group?: string): void {
    this.#group = group;
    this.#isRead = this.hasMore = false;
    this.#pages = 1;
    this.#put([]);
  }

  /** Reads again what was read, unless nobody was invited: then only this client or another one of the owner's invites. */
  async refresh(): Promise<void> {
    if (!this.#isRead || this.list.length > 0 || this.hasMore) await this.#read(this.#pages);
  }

  /** Reads one page more. @throws RequestError */
  async more(): Promise<void> {
    await this.#read(this.#pages + 1);
  }

  /** They were invited just now. */
  add(username: string): void {
    this.#put([...new Set([...this.list, username])].sort());
  }

  /** They are invited no more. */
  remove(username: string): void {
    this.#put(this.list.filter((each) => each !== username));
  }

  async #read(pages: number): Promise<void> {
    const changes = this.#changes;
    const found: string[] = [];
    let next: { after?: string } | undefined = {};
    for (let page = 0; page < pages && next && this.#group !== undefined; page++) {
      const reply: { invitations: readonly { username?: string }[]; next?: { after: string } } =
        await this.#chat.request({ type: 'list_invitations', group_id: this.#group, ...next });
      if (changes !== this.#changes) return;
      found.push(...reply.invitations.flatMap(({ username }) => username ?? []));
      next = reply.next;
    }
    this.#isRead = true;
    this.#pages = pages;
    this.hasMore = next !== undefined;
    this.list = found;
    this.#changed();
  }

  #put(list: readonly string[]): void {
    this.#changes++;
    this.list = list;
    this.#changed();
  }
}
