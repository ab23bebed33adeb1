import type { Context, APIGatewayProxyWebsocketEventV2 as Event } from 'aws-lambda';

/** What API Gateway hands to a function for a frame; a handler that reads more than this has to add it here. */
export function eventOf(connectionId: string, body?: string, routeKey = '$default'): Event {
  return {
    requestContext: {
      routeKey,
      eventType: routeKey === '$disconnect' ? 'DISCONNECT' : 'MESSAGE',
      connectionId,
      connectedAt: 1_700_000_000_000,
      requestTimeEpoch: 1_700_000_001_000,
      apiId: 'api',
      stage: 'dev',
      domainName: 'api.example',
      requestId: 'gateway-request',
      extendedRequestId: 'gateway-request',
      messageId: body === undefined ? undefined : 'gateway-message',
      messageDirection: 'IN',
      requestTime: '14/Nov/2023:22:13:21 +0000',
    } as Event['requestContext'],
    body,
    isBase64Encoded: false,
  };
}

/** The invocation, of which a handler reads its id and its time alone. */
export const contextOf = (awsRequestId = 'aws-request'): Context =>
  ({ awsRequestId, getRemainingTimeInMillis: () => 29_000 }) as Context;
