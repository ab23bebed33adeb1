import type { Chat } from '../sdk/chat.ts';
import { groupIdOf } from '../sdk/names.ts';

/** To a group, by a user. */
export interface Invitation {
  group: string;
  by: string;
}

/** The user's open invitations, newest first. */
export class Invitations {
  list: readonly Invitation[] = [];
  readonly #changed: () => void;

  /** @param changed the list has changed */
  constructor(chat: Pick<Chat, 'on'>, changed: () => void) {
    this.#changed = changed;
    chat.on('INVITED', ({ group_id: group, by }) => this.#put([{ group, by }, ...this.#without(group)]));
    // On another device.
    chat.on('JOINED', ({ group_id: group }) => this.settle(group));
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
    this.#changed();
  }
}
