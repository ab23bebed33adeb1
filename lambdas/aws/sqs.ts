import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { writing } from '../../store/table.ts';
import { env } from '../runtime/env.ts';
import { httpOptions } from './http-options.ts';

// Whoever sends again sends another copy (chat/delivery/fan-out-parts.ts); the SDK would send the same one.
const client = new SQSClient({ requestHandler: httpOptions, maxAttempts: 1 });
const queueUrl = env('QUEUE_URL');

// So that those who wait do not all come back at once; in seconds.
const [SOONEST, LATEST] = [1, 10];

/**
 * Sends a message to the queue.
 * @param wait whether it should be seen only after some seconds
 * @throws Unavailable if the queue did not take it, OutcomeUnknown if that is not known
 */
export async function send(body: string, wait: boolean): Promise<void> {
  const delay = wait ? Math.round(SOONEST + Math.random() * (LATEST - SOONEST)) : undefined;
  const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds: delay });
  await writing(client.send(command));
}
