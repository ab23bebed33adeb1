import type { Millis, Posted } from '../model.ts';
import type { Gateway, Runtime } from '../ports.ts';

/** The longest time of a post and a close if the gateway doesn't answer, with all retries. */
export const POST_AND_CLOSE: Millis = 15_000;

interface Ports {
  gateway: Gateway;
  runtime: Runtime;
}

/**
 * Posts a frame. While the gateway throttles, it waits and retries, as long as enough time remains to handle a failure.
 * @param onWait awaited before each wait
 * @returns `throttled` if time ran out
 */
export async function postPatiently(
  { gateway, runtime }: Ports,
  connectionId: string,
  frame: string,
  onWait: () => Promise<void> = async () => {},
): Promise<Posted> {
  for (let failures = 0; ; failures++) {
    const posted = await gateway.post(connectionId, frame);
    if (posted !== 'throttled' || runtime.timeLeft() < POST_AND_CLOSE) return posted;
    await onWait();
    await runtime.backOff(failures);
  }
}
