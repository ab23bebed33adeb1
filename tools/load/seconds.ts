import type { Say } from './crowd.ts';
import { short } from './result.ts';
import type { Second, Timings } from './timings.ts';

/** The counters for each second. */
export interface SecondsOptions {
  sent: Timings;
  received: Timings;
  outstanding: () => number;
  say: Say;
}

/** Records and prints each second of a run. */
export class Seconds {
  readonly all: Second[] = [];
  readonly #options: SecondsOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: SecondsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#take(), 1_000);
  }

  /** The seconds, the last one shorter, without empty ones at the end. */
  end(): void {
    clearInterval(this.#timer);
    this.#take();
    for (let last = this.all.at(-1); last && last.sent + last.received === 0; last = this.all.at(-1))
      this.all.pop();
    this.#options.say('');
  }

  #take(): void {
    const [sent, received] = [this.#options.sent.recent(), this.#options.received.recent()];
    const second = {
      second: this.all.length + 1,
      sent: sent.count,
      received: received.count,
      sentMs: { p50: sent.p50, p99: sent.p99 },
      receivedMs: { p50: received.p50, p99: received.p99 },
    };
    this.all.push(second);
    this.#options.say(lineOf(second, this.#options.outstanding()));
  }
}

const lineOf = ({ second, sent, received, sentMs, receivedMs }: Second, outstanding: number): string =>
  `${second} s: ${sent} acknowledged, p50 ${short(sentMs.p50)} p99 ${short(sentMs.p99)} ms; ${received} received, p50 ${short(receivedMs.p50)} p99 ${short(receivedMs.p99)} ms; ${outstanding} without a reply`;
