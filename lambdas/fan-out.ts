import type { SQSEvent } from 'aws-lambda';
import { resume } from '../chat/delivery/fan-out.ts';
import { type FanOut, SYSTEM } from '../chat/model.ts';
import type { RateLimiter } from '../chat/ports.ts';
import { currentInvocation } from './runtime/invocation.ts';
import { logOutcome, withObservability } from './runtime/observability.ts';
import { PAID_BY_ONE } from './runtime/spending.ts';

type Ports = Parameters<typeof resume>[0] & {
  /** Charges a page's cost to the sender's rate. */
  fanOutLimiter: RateLimiter;
};

// A charge itself costs a read and a write, $0.75 per million, so costs below twice that are not charged.
const WORTH_A_CHARGE = 0.15;

/**
 * Resumes the fan-out of a message to a large group. The queue may deliver an event twice. It redelivers an event that
 * fails, and finally moves it to the dead-letter queue.
 */
export const onFanOut = (ports: Ports) =>
  withObservability('fan-out', async ({ Records }: SQSEvent): Promise<void> => {
    const invocation = currentInvocation();
    for (const { body } of Records) {
      const rest = JSON.parse(body) as FanOut;
      const before = invocation.spent;
      let sender: string | undefined;
      await resume(ports, rest, (entry) => {
        invocation.requestedAt = entry.at;
        // What is left of several messages may begin with a system message.
        if (!rest.free && entry.sender !== SYSTEM) sender = entry.sender;
      });
      const price = (invocation.spent - before) / PAID_BY_ONE;
      if (sender !== undefined && price >= WORTH_A_CHARGE) await ports.fanOutLimiter.charge(sender, price);
      logOutcome('fan-out', 'ok', { seq: rest.seq, seqs: rest.seqs, tries: rest.tries });
    }
  });
