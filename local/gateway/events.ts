import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { REGION } from '../template/aws.ts';
import type { Peer } from './connection.ts';

export type EventType = 'CONNECT' | 'MESSAGE' | 'DISCONNECT';

/** The fields of an event in addition to its peer. */
interface EventOptions {
  apiId: string;
  stage: string;
  routeKey: string;
  eventType: EventType;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A time in the form of events, like `23/Nov/2026:09:00:00 +0000`. */
function requestTime(at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

/** The event that a Lambda proxy integration of a WebSocket API receives. */
export function eventOf(
  peer: Peer & { closing?: { code: number; reason: string } },
  { apiId, stage, routeKey, eventType }: EventOptions,
) {
  const now = new Date();
  const requestId = randomUUID();
  return {
    requestContext: {
      routeKey,
      eventType,
      extendedRequestId: requestId,
      requestTime: requestTime(now),
      messageDirection: 'IN',
      stage,
      connectedAt: peer.connectedAt,
      requestTimeEpoch: now.getTime(),
      identity: peer.identity,
      requestId,
      domainName: `${apiId}.execute-api.${REGION}.amazonaws.com`,
      connectionId: peer.id,
      apiId,
      ...(eventType === 'MESSAGE' && { messageId: randomUUID() }),
      ...(eventType === 'DISCONNECT' && {
        disconnectStatusCode: peer.closing?.code ?? 1005,
        disconnectReason: peer.closing?.reason ?? '',
      }),
    },
    isBase64Encoded: false,
  };
}

/**
 * The handshake's headers, with their names as the client wrote them, and its query, in the form that `$connect` receives.
 * @param hidden a header to leave out, in lower case
 */
export function handshakeOf({ rawHeaders, url = '/' }: IncomingMessage, hidden?: string) {
  const headers = rawHeaders
    .flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : []))
    .filter(([name]) => name.toLowerCase() !== hidden);
  const query = [...new URLSearchParams(url.split('?')[1])];
  return {
    headers: Object.fromEntries(headers),
    multiValueHeaders: valuesOf(headers),
    ...(query.length > 0 && {
      queryStringParameters: Object.fromEntries(query),
      multiValueQueryStringParameters: valuesOf(query),
    }),
  };
}

/** Groups values by name. */
const valuesOf = (pairs: readonly (readonly [string, string])[]): Record<string, string[]> =>
  Object.fromEntries(
    pairs.map(([name]) => [name, pairs.filter(([each]) => each === name).map(([, value]) => value)]),
  );
