import { RequestError } from '../sdk/chat.ts';
import { goesOn } from '../sdk/entries.ts';
import { sleep } from '../sdk/timing.ts';

/**
 * The pages of a list, one after the other. There may be more than may be asked for at once.
 * @param ask requests the page with these fields, which `next` of the one before has named
 */
export async function* pagesOf<P extends { next?: object }>(
  ask: (at: object) => Promise<P>,
): AsyncGenerator<P> {
  for (let at: object | undefined = {}; at; ) {
    const page: P = await patiently(ask, at);
    yield page;
    at = goesOn(at, page.next) ? page.next : undefined;
  }
}

async function patiently<P>(ask: (at: object) => Promise<P>, at: object): Promise<P> {
  for (;;)
    try {
      return await ask(at);
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'rate_limited') throw error;
      await sleep(error.retryAfterMs ?? 1_000);
    }
}
