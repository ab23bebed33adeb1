import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bodyOf } from '../body.ts';
import { type Callers, callerOf, type Signer } from '../callers.ts';
import type { Faults } from '../faults/faults.ts';
import type { Identity, Judge } from '../iam.ts';
import type { Queue } from './queue.ts';

interface SqsOptions {
  callers: Callers<Identity>;
  queue: (id: string) => Queue | undefined;
  judge: Judge;
  faults: Faults;
  /** Kills the instance that makes a call. */
  kill: (signer: Signer) => void;
}

interface SendMessage {
  QueueUrl?: string;
  MessageBody?: string;
  DelaySeconds?: number;
}

// Source: SQS's quotas.
const LARGEST = 1024 * 1024;
const LONGEST_DELAY_S = 900;

/** SQS, in so far as functions use it: `SendMessage`, in its JSON protocol. Lambda's part is in feed.ts. */
export function sqsServer(options: SqsOptions): Server {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      process.stderr.write(`SQS: ${(error as Error).stack}\n`);
      refuse(response, 500, 'InternalError', 'The local SQS failed');
    });
  });
  server.keepAliveTimeout = 65_000;
  return server;
}

async function serve(
  { callers, queue, judge, faults, kill }: SqsOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request);
  const known = callerOf(request.headers, callers);
  if (known === undefined) return refuse(response, 403, 'InvalidClientTokenId', 'Nobody has this key');
  const { identity: caller, signer } = known;
  const operation = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
  if (operation !== 'SendMessage')
    return refuse(response, 400, 'UnsupportedOperation', `The local SQS has no ${operation}`);
  const { QueueUrl = '', MessageBody = '', DelaySeconds = 0 } = JSON.parse(body.toString()) as SendMessage;
  const target = queue(QueueUrl.split('/').at(-1) ?? '');
  if (target === undefined)
    return refuse(response, 400, 'QueueDoesNotExist', 'The specified queue does not exist.');
  const { arn } = target.model;
  if (judge.denies(caller, { action: 'sqs:SendMessage', resources: [arn] })) {
    const message = `User: ${caller.arn} is not authorized to perform: sqs:sendmessage on resource: ${arn} because no identity-based policy allows the sqs:sendmessage action`;
    return refuse(response, 403, 'AccessDenied', message);
  }
  if (MessageBody === '' || Buffer.byteLength(MessageBody) > LARGEST)
    return refuse(response, 400, 'InvalidMessageContents', `A message has 1 to ${LARGEST} bytes.`);
  if (!(DelaySeconds >= 0 && DelaySeconds <= LONGEST_DELAY_S))
    return refuse(response, 400, 'InvalidParameterValue', `DelaySeconds is 0 to ${LONGEST_DELAY_S}.`);
  const killed = faults.happens('kill');
  if (killed && faults.outcome('kill') < 0.5) return kill(signer);
  const { id } = target.send(MessageBody, DelaySeconds * 1_000);
  if (killed) return kill(signer);
  respond(response, 200, {
    MessageId: id,
    MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
  });
}

const refuse = (response: ServerResponse, status: number, type: string, message: string): void =>
  respond(response, status, { __type: `com.amazonaws.sqs#${type}`, message });

function respond(response: ServerResponse, status: number, json: object): void {
  const body = JSON.stringify(json);
  response
    .writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(body),
    })
    .end(body);
}
