import { ChatError } from '../protocol/index.ts';
import { OutcomeUnknown, Unavailable } from './errors.ts';

/**
 * Awaits the steps after a write that took effect. If they fail, the reply must be `outcome_unknown`: all other codes say
 * that nothing was stored.
 * @param done what took effect and what may be missing, for the log
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

/** Awaits an optional task. @returns undefined if the database was busy or the outcome is unknown */
export async function bestEffort<T>(task: Promise<T>): Promise<T | undefined> {
  try {
    return await task;
  } catch (error) {
    if (error instanceof Unavailable || error instanceof OutcomeUnknown) return undefined;
    throw error;
  }
}
