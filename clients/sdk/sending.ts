import { type Draft, lastOf } from './draft.ts';
import { RequestError } from './errors.ts';
import type { Settle } from './timing.ts';
import type { Message, Recipient, Sending } from './types.ts';

/** A message or change being sent (types.ts). */
export interface Outgoing extends Sending {
  readonly draft: Draft;
  /** Its key in the store; keys sort in the order of sending. */
  key: string;
  status: Sending['status'];
  error?: RequestError | undefined;
  message: Promise<Message>;
  settle: Settle<Message>;
  /** Its entry, once the service has stored it and the log has still to bring it. */
  entry?: Message;
  /** Whether another tab has sent or discarded it. */
  isGone?: boolean;
}

export function outgoingOf(draft: Draft, key: string): Outgoing {
  const { id, to, failed } = draft;
  const sending = {
    id,
    to,
    draft,
    get content() {
      return lastOf(draft).content;
    },
    get target() {
      return draft.target;
    },
    get isDeletion() {
      return lastOf(draft).deletes === true;
    },
    get canUndo() {
      return this.isDeletion && (draft.next !== undefined || isUntried(sending));
    },
  } as Outgoing;
  begin(sending, key);
  if (failed) fail(sending, new RequestError(failed.code, failed.reason));
  return sending;
}

/** Whether something has to happen with it. A failed one may still have to be deleted. */
export const isOpen = ({ status, draft }: Outgoing): boolean =>
  status === 'pending' || draft.next !== undefined;

/** Whether the service cannot have it. */
export const isUntried = ({ status, draft }: Outgoing): boolean =>
  status === 'pending' && draft.after === undefined;

/** Messages to one chat are sent one after the other. */
export const laneOf = (to: Recipient): string => (typeof to === 'string' ? `@${to}` : `#${to.group}`);

/** The first time, or again. */
export function begin(sending: Outgoing, key: string): void {
  sending.draft.failed = undefined;
  const message = new Promise<Message>((resolve, reject) => {
    const settle: Outgoing['settle'] = (outcome) =>
      outcome instanceof RequestError ? reject(outcome) : resolve(outcome);
    Object.assign(sending, { key, status: 'pending', error: undefined, settle });
  });
  // Apps that only watch `status` need no handler.
  message.catch(() => {});
  sending.message = message;
}

export function fail(sending: Outgoing, error: RequestError): void {
  const { code, reason } = error;
  sending.status = 'failed';
  sending.error = error;
  sending.draft.failed = { code, reason };
  sending.settle(error);
}
