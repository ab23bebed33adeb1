import { Readable } from 'node:stream';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';

/** How the management API answered, before the SDK makes an error of it. */
export interface RawAnswer {
  status: number;
  /** Whether the error's name is in a header, and which. */
  errorType?: string;
  contentType?: string;
  body: string;
}

/** Where the management API is, and with what to call it; without credentials, those of the environment. */
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

/** The management API, with its answers as they are. */
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
      // The SDK shall make no error of it: its form is what is looked at.
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
