import type { Chat } from '../sdk/chat.ts';
import { groupIdOf } from '../sdk/names.ts';

/** To a group, by a user. */
export interface Invitation {
  group: string;
  by: string;
  /** The group's title, as it was when this was read. */
  title?: string;
}

/** The user's open invitations, newest first. */
export class Invitations {
  list: readonly Invitation[] = [];
  readonly #chat: Pick<Chat, 'on' | 'request'>;
  readonly #changed: () => void;
  /** The number of changes. */
  #changes = 0;

  /** @param changed the list has changed */
  constructor(chat: Pick<Chat, 'on' | 'request'>, changed: () => void) {
    this.#chat = chat;
    this.#changed = changed;
    chat.on('INVITED', ({ group_id: group, by }) => this.#put([{ group, by }, ...this.#without(group)]));
    chat.on('UNINVITED', ({ group_id: group }) => this.settle(group));
    // Accepted or declined on another device.
    chat.on('JOINED', ({ group_id: group }) => this.settle(group));
    chat.on('LEFT', ({ group_id: group }) => this.settle(group));
    chat.on('state', ({ state }) => {
      // What failed is tried again with the next connection.
      if (state === 'online') this.refresh().catch(() => {});
    });
  }

  /** Reads them from the service, with those of the time when nobody listened. @throws RequestError */
  async refresh(): Promise<void> {
    let before: number;
    let found: (Invitation & { timestamp: string })[];
    // What changes meanwhile may or may not be in what was read.
    do {
      before = this.#changes;
      found = [];
      for (let next: { after: string } | undefined, isFirst = true; isFirst || next; isFirst = false) {
        const page = await this.#chat.request({ type: 'list_invitations', ...next });
        for (const { group_id: group, ...rest } of page.invitations) found.push({ group, ...rest });
        next = page.next;
      }
    } while (before !== this.#changes);
    found.sort((one, other) => other.timestamp.localeCompare(one.timestamp));
    this.#put(found.map(({ timestamp: _, ...each }) => each));
  }

  /** @throws RequestError */
  async decline(group: string): Promise<void> {
    await this.#chat.request({ type: 'leave_group', group_id: group });
    this.settle(group);
  }

  /** An invitation that was accepted or declined, or that doesn't hold any more. */
  settle(group: string): void {
    this.#put(this.#without(group));
  }

  /** @param chats the ids of all chats that the user is in */
  entered(chats: ReadonlySet<string>): void {
    const open = this.list.filter(({ group }) => !chats.has(groupIdOf(group)));
    if (open.length < this.list.length) this.#put(open);
  }

  #without(group: string): Invitation[] {
    return this.list.filter((each) => each.group !== group);
  }

  #put(list: readonly Invitation[]): void {
    this.list = list;
    this.#changes++;
    this.#changed();
  }
}
