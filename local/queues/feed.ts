import type { Identity, Permissions } from '../iam.ts';
import { REGION } from '../template/aws.ts';
import type { FeedModel } from '../template/model.ts';
import type { Queue, QueueMessage } from './queue.ts';

/** A consumer of a queue. */
interface FeedOptions {
  model: FeedModel;
  queue: Queue;
  /** The function whose role reads the queue. */
  identity: Identity;
  permissions: Permissions;
  /** Runs the function. @throws if it fails */
  invoke: (event: unknown) => Promise<unknown>;
  /** Called once with the reason if nothing can be received. */
  complain: (line: string) => void;
}

// The actions that Lambda performs with the function's role.
const RIGHTS = ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'];

/** Feeds a function like Lambda does, several events in parallel. Failed messages return after the visibility timeout. */
export function feed({ model, queue, identity, permissions, invoke, complain }: FeedOptions): void {
  let running = 0;
  const pump = () => {
    while (running < model.concurrency) {
      const messages = queue.receive(model.batch);
      if (messages.length === 0) return;
      running++;
      void handle(messages).finally(() => {
        running--;
        pump();
      });
    }
  };
  const handle = async (messages: QueueMessage[]): Promise<void> => {
    try {
      const result = await invoke({ Records: messages.map((message) => recordOf(message, queue)) });
      const failed = model.partial ? failuresOf(result) : new Set<string>();
      for (const { id } of messages.filter((message) => !failed.has(message.id))) queue.delete(id);
    } catch {
      // The error is in the function's log.
    }
  };
  const denied = RIGHTS.filter((action) =>
    permissions.denies(identity, { action, resources: [model.queueArn] }),
  );
  if (denied.length > 0) {
    complain(`${identity.name} receives no events from its queue: it lacks ${denied.join(', ')}`);
    return;
  }
  queue.onMessage = pump;
  pump();
}

/** Converts a message to Lambda's event record. */
const recordOf = (
  { id, body, sent, receives, first = sent, attributes = {} }: QueueMessage,
  { model }: Queue,
) => ({
  messageId: id,
  receiptHandle: id,
  body,
  attributes: {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: String(sent),
    SenderId: 'local',
    ApproximateFirstReceiveTimestamp: String(first),
  },
  messageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]),
  ),
  eventSource: 'aws:sqs',
  eventSourceARN: model.arn,
  awsRegion: REGION,
});

const failuresOf = (result: unknown): Set<string> => {
  const { batchItemFailures = [] } = (result ?? {}) as { batchItemFailures?: { itemIdentifier: string }[] };
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
};
