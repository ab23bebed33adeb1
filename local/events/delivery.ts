import { type Faults, pause } from '../faults/faults.ts';
import type { Queue, QueueMessage } from '../queues/queue.ts';
import type { RuleModel, TargetModel } from '../template/model.ts';

/** Why a target did not take an event. */
export interface Failure {
  code: string;
  message: string;
  /** Whether it is worth another attempt. */
  retries: boolean;
  /** The least wait before it, in milliseconds. */
  wait?: number;
}

/** What reaches the targets. */
export interface Send {
  /** Delivers a body once. @returns undefined if the target took it */
  target(target: TargetModel, body: string): Promise<Failure | undefined>;
  /** Sends to a dead-letter queue. */
  failed(queueArn: string, body: string, attributes: Record<string, string>): void;
}

interface DeliveryOptions {
  rule: RuleModel;
  target: TargetModel;
  /** The events that the target has yet to get. */
  waiting: Queue;
  faults: Faults;
  send: Send;
}

// Deliveries to one target at the same time: their order is not promised.
const AT_ONCE = 8;
const [FIRST_WAIT, LONGEST_WAIT] = [200, 5 * 60_000];
const LATE_MS = 2_000;

/** Delivers what waits for a target, until it has it or its retries are used up. */
export function deliverTo({ rule, target, waiting, faults, send }: DeliveryOptions): void {
  let running = 0;
  const pump = () => {
    while (running < AT_ONCE) {
      const [message] = waiting.receive(1);
      if (!message) return;
      running++;
      void deliver(message).finally(() => {
        running--;
        pump();
      });
    }
  };
  const deliver = async (message: QueueMessage): Promise<void> => {
    if (faults.happens('eventLate'))
      await pause(faults.outcome('eventLate') * faults.time('eventLateMs', LATE_MS));
    const body = bodyFor(target, message.body);
    const failure = await attempt(body);
    // It comes again with the next process: what ended with this one may be the reason of a failure.
    if (waiting.isClosed) return;
    if (failure === undefined) {
      if (faults.happens('eventTwice')) await send.target(target, body);
      return waiting.delete(message.id);
    }
    const exhausted = exhaustedOf(message, failure);
    if (exhausted === undefined) return waiting.postpone(message.id, waitOf(message, failure));
    if (target.failedArn)
      send.failed(target.failedArn, message.body, {
        RULE_ARN: rule.arn,
        TARGET_ARN: target.arn,
        ERROR_CODE: failure.code,
        ERROR_MESSAGE: failure.message,
        ...exhausted,
      });
    waiting.delete(message.id);
  };
  const attempt = async (body: string): Promise<Failure | undefined> => {
    if (!faults.happens('targetFails')) return send.target(target, body);
    if (faults.outcome('targetFails') < 0.5) await send.target(target, body);
    return { code: 'INTERNAL_ERROR', message: 'A fault: the target failed', retries: true };
  };
  /** Source: "Using dead-letter queues to process undelivered events", EventBridge's user guide. */
  const exhaustedOf = (
    { receives, sent }: QueueMessage,
    { retries }: Failure,
  ): Record<string, string> | undefined => {
    if (!retries) return {};
    const attempts = { RETRY_ATTEMPTS: String(receives - 1) };
    if (receives > target.retries) return { EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts', ...attempts };
    if (Date.now() - sent >= target.age)
      return { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds', ...attempts };
    return undefined;
  };
  waiting.onMessage = pump;
  pump();
}

/** Exponential, with jitter. */
const waitOf = ({ receives }: QueueMessage, { wait = 0 }: Failure): number =>
  Math.max(wait, Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (receives - 1)) * (0.5 + Math.random() / 2));

/** What a target gets of an event. */
function bodyFor({ input }: TargetModel, event: string): string {
  if (input === undefined) return event;
  if ('constant' in input) return input.constant;
  const part = input.path.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | null | undefined)?.[name],
    JSON.parse(event),
  );
  return JSON.stringify(part ?? {});
}
