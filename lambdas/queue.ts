import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { env } from './env.ts';
import { requestHandler } from './request-handler.ts';

const client = new SQSClient({ requestHandler });
const queueUrl = env('QUEUE_URL');

// So that those who wait do not all come back at once; in seconds.
const [SOONEST, LATEST] = [1, 10];

/** Sends a message to the queue. @param wait whether it should be seen only after some seconds */
export async function send(body: string, wait: boolean): Promise<void> {
  const delay = wait ? Math.round(SOONEST + Math.random() * (LATEST - SOONEST)) : undefined;
  const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds: delay });
  await client.send(command);
}
