import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Gateway } from '../chat/ports.ts';
import { describe, log } from './log.ts';

/** The clients as API Gateway's management API reaches them. */
export function gatewayOf(client: ApiGatewayManagementApiClient): Gateway {
  return {
    async post(connectionId, frame) {
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame }));
        return 'taken';
      } catch (error) {
        if (error instanceof GoneException) return 'gone';
        if (!isTransient(error)) throw error;
        log('warn', 'post failed', { connection_id: connectionId, error: describe(error) });
        return statusOf(error) === 429 ? 'throttled' : 'failed';
      }
    },

    async close(connectionId) {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
      } catch (error) {
        if (error instanceof GoneException) return;
        if (!isTransient(error)) throw error;
        // It is unbound next, so its client will have to log in again, and is owed until then.
        log('warn', 'close failed', { connection_id: connectionId, error: describe(error) });
      }
    },
  };
}

// 429, 5xx and broken sockets. Anything else (403, 400) is our own mistake and must be seen.
function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined) return (error as { $response?: unknown }).$response === undefined;
  return status === 429 || status >= 500;
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
