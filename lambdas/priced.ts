import type { Command, RequestOf } from '../protocol/index.ts';
import { meter } from './ports.ts';
import type { Run } from './route.ts';
import { PAID_BY_ONE } from './spent.ts';
import { current } from './watched.ts';

/**
 * A rule whose user pays for it: its price before anything is done, and what it turned out to cost beyond that afterwards.
 * Who is over their rate is refused the next time.
 * @param paysAll whether a request is charged for what it turned out to cost; absent, each is
 */
export function priced<C extends Command>(
  command: C,
  run: Run<C>,
  paysAll: (request: RequestOf<C>) => boolean = () => true,
): Run<C> {
  return async (request, caller, requestId) => {
    const price = priceOf(command, request);
    let payer: string | undefined;
    let paid = 0;
    const admit = async (username: string, some = price) => {
      await meter.admit(username, some);
      payer = username;
      paid += some;
    };
    try {
      return await run(request, { ...caller, admit }, requestId);
    } finally {
      const surplus = current().spent / PAID_BY_ONE - paid;
      if (payer !== undefined && surplus > 0 && paysAll(request)) await meter.charge(payer, surplus);
    }
  };
}

function priceOf<C extends Command>({ price }: C, request: RequestOf<C>): number {
  return typeof price === 'function' ? price(request as never) : price;
}
