import type {
  APIGatewayEventWebsocketRequestContextV2,
  APIGatewayProxyWebsocketEventV2WithRequestContext,
} from 'aws-lambda';
import type { Caller } from '../../chat/model.ts';
import type { Form } from '../../protocol/index.ts';
import { networkOf } from './network.ts';
import { digest } from './passwords.ts';

/** The fields of API Gateway's request context that `@types/aws-lambda` lacks. */
export interface RequestContext extends APIGatewayEventWebsocketRequestContextV2 {
  identity?: { sourceIp?: string };
}

/** An event of a WebSocket API. */
export type Event = APIGatewayProxyWebsocketEventV2WithRequestContext<RequestContext> & {
  /** The form of the reply, if `$default` translated the frame (lambdas/default.ts); absent for one of its own route. */
  form?: Form;
};

/** What a client that writes this form can't be told, and may mean. */
export const grammarOf = (form: Form): Pick<Caller, 'form' | 'withoutTokens' | 'namesEither'> =>
  form === 'text' ? { form, withoutTokens: true, namesEither: true } : { form };

/** The caller of an event. */
export const callerOf = ({ connectionId, identity }: RequestContext, form: Form): Caller => ({
  connectionId,
  ...grammarOf(form),
  address: digest(networkOf(identity?.sourceIp ?? '')),
});
