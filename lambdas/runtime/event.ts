import type {
  APIGatewayEventWebsocketRequestContextV2,
  APIGatewayProxyWebsocketEventV2WithRequestContext,
} from 'aws-lambda';
import type { Caller } from '../../chat/model.ts';
import type { Form } from '../../protocol/index.ts';
import { networkOf } from './network.ts';
import { digest } from './passwords.ts';

/** What API Gateway tells of a request, in so far as the library's types leave it out. */
export interface RequestContext extends APIGatewayEventWebsocketRequestContextV2 {
  identity?: { sourceIp?: string };
  /** What the authorizer of `$connect` answered, on every event of the connection (lambdas/authorize.ts). */
  authorizer?: { username?: string };
}

/** An event of a WebSocket API. */
export type Event = APIGatewayProxyWebsocketEventV2WithRequestContext<RequestContext> & {
  /** How the reply is to be written: `$default` says it, who translates lines (lambdas/default.ts). JSON if it is absent. */
  form?: Form;
};

/** Who speaks. */
export const callerOf = ({ connectionId, identity, authorizer }: RequestContext, form: Form): Caller => ({
  connectionId,
  form,
  address: digest(networkOf(identity?.sourceIp ?? '')),
  identity: authorizer?.username,
});
