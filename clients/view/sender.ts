import type { Message } from '../sdk/chat.ts';
import { SYSTEM } from './shown-names.ts';

type By = Pick<Message, 'sender' | 'system'>;

/** Whether a user has sent a message. The service's own have no sender, even if a user is called "system". */
export const isBy = ({ sender, system }: By, username: string | undefined): boolean =>
  !system && sender === username;

/** What the sender of a message is called. No user is shown as what stands for the service (shown-names.ts). */
export const nameIn = (message: By, nameOf: (username: string) => string): string =>
  message.system ? SYSTEM : nameOf(message.sender);

/** Whether both are by the same user, or both by the service. */
export const isSameSender = (one: By | undefined, other: By): boolean =>
  one?.sender === other.sender && one.system === other.system;
