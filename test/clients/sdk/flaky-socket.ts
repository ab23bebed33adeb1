import { WebSocket } from 'ws';

/** How often a socket was cut. */
export interface Cuts {
  count: number;
}

/**
 * WebSockets that live only so long on average, whatever they are doing: each is as likely to be cut in the next
 * moment as in the one before.
 * @param mean milliseconds
 */
export function flakySockets(
  mean: number,
  random: () => number,
): { webSocket: typeof WebSocket; cuts: Cuts } {
  const cuts: Cuts = { count: 0 };
  class FlakySocket extends WebSocket {
    constructor(url: string) {
      super(url, { perMessageDeflate: false });
      const timer = setTimeout(
        () => {
          cuts.count++;
          this.terminate();
        },
        -Math.log(1 - random()) * mean,
      );
      this.once('close', () => clearTimeout(timer));
    }
  }
  return { webSocket: FlakySocket as typeof WebSocket, cuts };
}
