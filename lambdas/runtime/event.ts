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
  /** Absent, as what API Gateway sends has no field that a client can name. */
  backend?: undefined;
};

/**
 * A call of the server API, as lambdas/api.ts hands it to the function of the command. API Gateway's events always have a
 * request context; these never do.
 */
export interface BackendEvent {
  requestContext?: undefined;
  form?: undefined;
  backend: NonNullable<Caller['backend']>;
  /** The request, as JSON. */
  body: string;
}

/** What a client that writes this form can't be told, and may mean. */
export const grammarOf = (form: Form): Pick<Caller, 'form' | 'withoutTokens' | 'namesEither'> =>
  form === 'text' ? { form, withoutTokens: true, namesEither: true } : { form };

/** The caller of an event. */
export function callerOf({ requestContext, backend }: Event | BackendEvent, form: Form): Caller {
  if (requestContext === undefined) return { connectionId: '', form, address: '', backend };
  const { connectionId, identity } = requestContext;
  return { connectionId, ...grammarOf(form), address: digest(networkOf(identity?.sourceIp ?? '')) };
}
