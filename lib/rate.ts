/** A rate of requests: how fast a bucket drains, of which the burst is the size. */
export class Rate {
  /** How the rate is written as a setting, like `30/m`. */
  readonly text: string;

  private constructor(count: number, unit: 's' | 'm' | 'h') {
    if (!(count > 0 && count < Number.POSITIVE_INFINITY)) throw new Error(`A rate is above 0, not ${count}`);
    this.text = `${decimal(count)}/${unit}`;
  }

  /** @param count above 0, like 0.5 @throws Error for another number */
  static perSecond(count: number): Rate {
    return new Rate(count, 's');
  }

  /** @param count above 0, like 30 @throws Error for another number */
  static perMinute(count: number): Rate {
    return new Rate(count, 'm');
  }

  /** @param count above 0, like 100 @throws Error for another number */
  static perHour(count: number): Rate {
    return new Rate(count, 'h');
  }

  toString(): string {
    return this.text;
  }
}

/** Never like `1e-7`, which is no setting. */
const decimal = (count: number): string => count.toFixed(9).replace(/\.?0+$/, '');
