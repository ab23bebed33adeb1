import type { SQSEvent } from 'aws-lambda';
import { goOn } from '../chat/fan-out.ts';
import type { FanOut } from '../chat/ports.ts';
import { later } from './later.ts';
import { share } from './policy.ts';
import {
  connections,
  copies,
  deliveries,
  fanOutMeter,
  history,
  inboxes,
  members,
  overflow,
} from './ports.ts';
import { PAID_BY_ONE } from './spent.ts';
import { conclude, current, watched } from './watched.ts';
import { begins, world } from './world.ts';

const ports = {
  connections,
  copies,
  gateway: deliveries,
  history,
  inboxes,
  later,
  members,
  overflow,
  share,
  world,
};

// A charge is a read and a write itself, 0.75 millionths of a dollar: what costs less than twice as much is let off.
const WORTH_A_CHARGE = 0.15;

/**
 * Goes on with a message to a large group. It may come twice; what throws comes again, and in the end waits in the
 * dead-letter queue.
 */
export const handler = watched('fan-out', async ({ Records }: SQSEvent, context): Promise<void> => {
  begins(context.getRemainingTimeInMillis());
  for (const { body } of Records) {
    const rest = JSON.parse(body) as FanOut;
    const before = current().spent;
    let sender: string | undefined;
    await goOn(ports, rest, (entry) => {
      current().began = entry.at;
      sender = entry.sender;
    });
    const price = (current().spent - before) / PAID_BY_ONE;
    if (sender !== undefined && price >= WORTH_A_CHARGE) await fanOutMeter.charge(sender, price);
    conclude('fan-out', 'ok', { seq: rest.seq, tries: rest.tries });
  }
});
