// The baseline of `npm run bench:posts`: the SDK's client with its own options for speed.
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { signingOnce } from '../../lambdas/aws/signing-once.ts';
import { env } from '../../lambdas/runtime/env.ts';

const client = signingOnce(
  new ApiGatewayManagementApiClient({
    endpoint: env('CALLBACK_URL'),
    cacheMiddleware: true,
    requestHandler: { httpAgent: { maxSockets: 200 } },
  }),
);

export const gateway = {
  async post(connectionId: string, frame: string) {
    await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame }));
    return 'taken';
  },
};
