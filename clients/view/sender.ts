import type { Message } from '../sdk/chat.ts';

type By = Pick<Message, 'sender' | 'system'>;

/** Whether a user has sent a message. The service's own have no sender, even if a user is called "system". */
export const isBy = ({ sender, system }: By, username: string | undefined): boolean =>
  !system && sender === username;

/** What the sender of a message is called. */
export const nameIn = (message: By, nameOf: (username: string) => string): string =>
  message.system ? 'System' : nameOf(message.sender);

/** Whether both are by the same user, or both by the service. */
export const isSameSender = (one: By | undefined, other: By): boolean =>
  one?.sender === other.sender && one.system === other.system;
