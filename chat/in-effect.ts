import { ChatError } from '../protocol/index.ts';
import { OutcomeUnknown, Unavailable } from './ports.ts';

/**
 * Waits for what follows a step that took effect. A failure of it must not be answered with `busy`, nor by any other
 * code: they all say that nothing was stored.
 * @param done what took effect, and what did not, for the log
 * @throws OutcomeUnknown instead of Unavailable and ChatError
 */
export async function inEffect<T>(done: string, rest: Promise<T>): Promise<T> {
  try {
    return await rest;
  } catch (cause) {
    const isAnswer = [Unavailable, ChatError, OutcomeUnknown].some((kind) => cause instanceof kind);
    throw isAnswer ? new OutcomeUnknown(done, { cause }) : cause;
  }
}
