import { Readable } from 'node:stream';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';

/** How the management API answered, before the SDK turns it into an error. */
export interface RawAnswer {
  status: number;
  /** The error's name, if a header has one. */
  errorType?: string;
  contentType?: string;
  body: string;
}

/** The URL of the management API, and credentials; absent, those of the environment. */
export interface ManagementAccess {
  endpoint: string;
  accessKeyId?: string;
  sessionToken?: string;
}

interface RawResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
}

/** The management API, with its answers unchanged. */
export function managementOf({ endpoint, accessKeyId, sessionToken }: ManagementAccess) {
  const credentials = accessKeyId && { accessKeyId, secretAccessKey: 'local', sessionToken };
  const region = /execute-api\.([\w-]+)\./.exec(endpoint)?.[1] ?? 'us-east-1';
  const client = new ApiGatewayManagementApiClient({
    endpoint,
    region,
    maxAttempts: 1,
    ...(credentials && { credentials }),
  });
  let last: RawAnswer | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as RawResponse;
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      last = rawOf(response, Buffer.concat(chunks).toString());
      // The SDK must not turn it into an error, since its form is what we record.
      Object.assign(response, { statusCode: 200, body: Readable.from([]) });
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'raw' },
  );
  const answerTo = async (call: Promise<unknown>): Promise<RawAnswer> => {
    await call;
    return last as RawAnswer;
  };
  return {
    post: (ConnectionId: string, Data: string) =>
      answerTo(client.send(new PostToConnectionCommand({ ConnectionId, Data }))),
    look: (ConnectionId: string) => answerTo(client.send(new GetConnectionCommand({ ConnectionId }))),
    delete: (ConnectionId: string) => answerTo(client.send(new DeleteConnectionCommand({ ConnectionId }))),
  };
}

function rawOf({ statusCode, headers }: RawResponse, body: string): RawAnswer {
  const errorType = headers['x-amzn-errortype'];
  const contentType = headers['content-type'];
  return { status: statusCode, ...(errorType && { errorType }), ...(contentType && { contentType }), body };
}
