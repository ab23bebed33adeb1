import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { writing } from '../../store/table.ts';
import { env } from '../runtime/env.ts';
import { httpOptions } from './http-options.ts';

// No retries by the SDK: a retry must send another copy (chat/delivery/fan-out-parts.ts), and the SDK's would be the same.
const client = new SQSClient({ requestHandler: httpOptions, maxAttempts: 1 });
const queueUrl = env('QUEUE_URL');

/**
 * Sends a message to the queue.
 * @param delay whole seconds
 * @throws Unavailable if the queue did not accept it, OutcomeUnknown if it may have
 */
export async function send(body: string, delay: number | undefined): Promise<void> {
  const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds: delay });
  await writing(client.send(command));
}
