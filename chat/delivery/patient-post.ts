import type { Millis, Posted } from '../model.ts';
import type { Gateway, World } from '../ports.ts';

/** A post and a close take this long at worst, with a gateway that does not answer, and their repeats. */
export const POST_AND_CLOSE: Millis = 15_000;

interface Ports {
  gateway: Gateway;
  world: World;
}

/**
 * Posts a frame. While the gateway throttles, waits and tries again, as long as the invocation has time to do
 * something about a failure afterwards.
 * @param onWait is awaited before each wait
 * @returns `throttled` if time ran out
 */
export async function postPatiently(
  { gateway, world }: Ports,
  connectionId: string,
  frame: string,
  onWait: () => Promise<void> = async () => {},
): Promise<Posted> {
  for (let failures = 0; ; failures++) {
    const posted = await gateway.post(connectionId, frame);
    if (posted !== 'throttled' || world.timeLeft() < POST_AND_CLOSE) return posted;
    await onWait();
    await world.backOff(failures);
  }
}
