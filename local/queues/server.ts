import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import type { Permissions } from '../iam.ts';
import { type Answer, type ServiceOptions, serviceServer } from '../service.ts';
import type { Queue } from './queue.ts';

interface SqsOptions extends ServiceOptions {
  queue: (id: string) => Queue | undefined;
  permissions: Permissions;
}

interface SendMessage {
  QueueUrl?: string;
  MessageBody?: string;
  DelaySeconds?: number;
}

// Source: SQS's quotas.
const LARGEST = 1024 * 1024;
const LONGEST_DELAY_S = 900;

/** The part of SQS that functions use: `SendMessage` in the JSON protocol. Receiving is in feed.ts. */
export const sqsServer = ({ queue, permissions, ...options }: SqsOptions): Server =>
  serviceServer(options, {
    name: 'SQS',
    contentType: 'application/x-amz-json-1.0',
    stranger: refusal(403, 'InvalidClientTokenId', 'The access key is unknown.'),
    broken: refusal(500, 'InternalError', 'The local SQS failed'),
    check(caller, request, body) {
      const operation = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      if (operation !== 'SendMessage')
        return refusal(400, 'UnsupportedOperation', `The local SQS has no ${operation}`);
      const input: SendMessage = JSON.parse(body.toString());
      const { QueueUrl = '', MessageBody = '', DelaySeconds = 0 } = input;
      const target = queue(QueueUrl.split('/').at(-1) ?? '');
      if (target === undefined)
        return refusal(400, 'QueueDoesNotExist', 'The specified queue does not exist.');
      const { arn } = target.model;
      if (permissions.denies(caller, { action: 'sqs:SendMessage', resources: [arn] })) {
        const message = `User: ${caller.arn} is not authorized to perform: sqs:sendmessage on resource: ${arn} because no identity-based policy allows the sqs:sendmessage action`;
        return refusal(403, 'AccessDenied', message);
      }
      if (MessageBody === '' || Buffer.byteLength(MessageBody) > LARGEST)
        return refusal(400, 'InvalidMessageContents', `A message has 1 to ${LARGEST} bytes.`);
      if (!(DelaySeconds >= 0 && DelaySeconds <= LONGEST_DELAY_S))
        return refusal(400, 'InvalidParameterValue', `DelaySeconds is 0 to ${LONGEST_DELAY_S}.`);
      return () => ({
        status: 200,
        json: {
          MessageId: target.send(MessageBody, DelaySeconds * 1_000).id,
          MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
        },
      });
    },
  });

const refusal = (status: number, type: string, message: string): Answer => ({
  status,
  json: { __type: `com.amazonaws.sqs#${type}`, message },
});
