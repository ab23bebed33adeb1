import { ChatError } from '../protocol/index.ts';
import { OutcomeUnknown, Unavailable } from './ports.ts';

/**
 * Waits for what follows a step that took effect. A failure of it must not be answered with `busy`, which says that
 * nothing was stored.
 * @param done what took effect, and what did not, for the log
 * @throws OutcomeUnknown instead of Unavailable, and of a `busy` of the rest's own
 */
export async function inEffect<T>(done: string, rest: Promise<T>): Promise<T> {
  try {
    return await rest;
  } catch (cause) {
    const isBusy = cause instanceof Unavailable || (cause instanceof ChatError && cause.code === 'busy');
    throw isBusy || cause instanceof OutcomeUnknown ? new OutcomeUnknown(done, { cause }) : cause;
  }
}
