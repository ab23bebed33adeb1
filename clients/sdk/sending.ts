import type { Draft } from './draft.ts';
import { RequestError } from './errors.ts';
import type { Settle } from './timing.ts';
import type { Message, Recipient, Sending } from './types.ts';

/** A message or change being sent (types.ts). */
export interface Outgoing extends Sending {
  readonly draft: Draft;
  status: Sending['status'];
  error?: RequestError | undefined;
  message: Promise<Message>;
  settle: Settle<Message>;
  /** Its entry, once the service has stored it and the log has still to bring it. */
  entry?: Message;
  /** Its key in the store; keys sort in the order of sending. */
  key?: string | undefined;
  /** Whether another tab has sent or discarded it. */
  isGone?: boolean;
}

/** Messages to one chat are sent one after the other. */
export const laneOf = (to: Recipient): string => (typeof to === 'string' ? `@${to}` : `#${to.group}`);

/** The first time, or again. */
export function begin(sending: object): Outgoing {
  const message = new Promise<Message>((resolve, reject) => {
    const settle: Outgoing['settle'] = (outcome) =>
      outcome instanceof RequestError ? reject(outcome) : resolve(outcome);
    Object.assign(sending, { status: 'pending', error: undefined, settle });
  });
  // Apps that only watch `status` need no handler.
  message.catch(() => {});
  return Object.assign(sending, { message }) as Outgoing;
}

export function fail(sending: Outgoing, error: RequestError): void {
  Object.assign(sending, { status: 'failed', error });
  sending.settle(error);
}
