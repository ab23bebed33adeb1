import type { Millis } from './model.ts';
import type { Runtime } from './ports.ts';

/** The id of an overflow that begins now. It tells when, as an event says (store/changes.ts). */
export const newOverflowId = (runtime: Pick<Runtime, 'now' | 'newId'>): string =>
  `${runtime.now()}.${runtime.newId()}`;

/** When an overflow began; undefined for one that version 0.2.0 began. */
export function beganAt(overflow: string): Millis | undefined {
  const [time = '', unique] = overflow.split('.');
  return unique === undefined ? undefined : Number(time);
}
