import { ChatError } from '../../protocol/index.ts';

/** The refusal that something ends in, or undefined; what is no refusal is thrown on. */
export function refusalOf(attempt: () => unknown): ChatError | undefined {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ChatError) return error;
    throw error;
  }
  return undefined;
}
