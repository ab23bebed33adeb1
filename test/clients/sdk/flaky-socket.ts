import { WebSocket } from 'ws';
import type { Counts } from './exactly-once.ts';

/**
 * WebSockets that live only so long on average, whatever they are doing: each is as likely to be cut in the next
 * moment as in the one before.
 * @param mean milliseconds
 */
export function flakySockets(
  mean: number,
  random: () => number,
): { webSocket: typeof WebSocket; counts: Counts } {
  const counts: Counts = { cuts: 0, renewals: 0, expired: 0 };
  class FlakySocket extends WebSocket {
    constructor(url: string) {
      super(url, { perMessageDeflate: false });
      let logins = 0;
      const timer = setTimeout(
        () => {
          counts.cuts++;
          this.terminate();
        },
        -Math.log(1 - random()) * mean,
      );
      this.once('close', () => clearTimeout(timer));
      this.on('message', (data) => {
        const { status, code } = JSON.parse(String(data));
        if (status === 'login_success' && logins++ > 0) counts.renewals++;
        if (code === 'session_expired') counts.expired++;
      });
    }
  }
  return { webSocket: FlakySocket as typeof WebSocket, counts };
}
