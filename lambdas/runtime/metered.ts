import type { RateLimiter } from '../../chat/ports.ts';
import type { Command, RequestOf } from '../../protocol/index.ts';
import type { Run } from './answer.ts';
import { currentInvocation } from './invocation.ts';
import { PAID_BY_ONE } from './spending.ts';

/**
 * Counts a command against its user's rate: its price before it runs, and any cost above the price afterwards, unless the
 * command waives that. A user over the rate is refused the next time. What a backend asks for counts on nobody's.
 */
export function metered<C extends Command>(command: C, rateLimiter: RateLimiter, run: Run<C>): Run<C> {
  return async (request, caller, requestId) => {
    if (caller.backend) return run(request, caller, requestId);
    const price = priceOf(command, request);
    let payer: string | undefined;
    let paid = 0;
    let isWaived = false;
    const waiveSurplus = () => {
      isWaived = true;
    };
    const admit = async (username: string, some = price) => {
      await rateLimiter.admit(username, some, paid);
      payer = username;
      paid += some;
    };
    try {
      return await run(request, { ...caller, admit, waiveSurplus }, requestId);
    } finally {
      const surplus = currentInvocation().spent / PAID_BY_ONE - paid;
      if (payer !== undefined && surplus > 0 && !isWaived) await rateLimiter.charge(payer, surplus);
    }
  };
}

function priceOf<C extends Command>({ price }: C, request: RequestOf<C>): number {
  return typeof price === 'function' ? price(request as never) : price;
}
