import { ChatError } from '../protocol/index.ts';
import { OutcomeUnknown, Unavailable } from './errors.ts';

/**
 * Waits for what follows a step that took effect. A failure of it must not be answered with `busy`, nor by any other
 * code: they all say that nothing was stored.
 * @param done what took effect, and what did not, for the log
 * @throws OutcomeUnknown instead of Unavailable and ChatError
 */
export async function afterCommit<T>(done: string, rest: Promise<T>): Promise<T> {
  try {
    return await rest;
  } catch (cause) {
    const isAnswer = [Unavailable, ChatError, OutcomeUnknown].some((kind) => cause instanceof kind);
    throw isAnswer ? new OutcomeUnknown(done, { cause }) : cause;
  }
}

/** Waits for what need not be done. @returns undefined if a busy database kept it from being done, for all that is known */
export async function bestEffort<T>(task: Promise<T>): Promise<T | undefined> {
  try {
    return await task;
  } catch (error) {
    if (error instanceof Unavailable || error instanceof OutcomeUnknown) return undefined;
    throw error;
  }
}
