import { isServerError, isThrottled, isUnanswered } from '../../store/aws-error.ts';
import { httpOptions } from './http-options.ts';
import { type RetryType, withRetries } from './retries.ts';
import { type Service, signedHttp } from './signed-http.ts';

/**
 * Calls the management API for one connection: POST sends a frame, GET checks whether it is open, DELETE closes it.
 * Retries throttled, failed (5xx) and unanswered calls.
 * Source: "Use @connections commands in your backend service", API Gateway's developer guide.
 * @throws what `SignedHttp` throws
 */
export type ManagementApi = (
  method: 'POST' | 'GET' | 'DELETE',
  connectionId: string,
  frame?: string,
) => Promise<void>;

/**
 * The management API of one stage.
 * @param stage its callback URL is the endpoint
 */
export function managementApi(stage: Omit<Service, 'name'>): ManagementApi {
  const send = signedHttp(
    { ...stage, name: 'execute-api' },
    {
      ...httpOptions,
      // Other recipients wait behind it (`POST_AND_CLOSE` in chat/delivery/patient-post.ts).
      requestTimeout: 2_000,
      // A group's message goes out to many connections at once; the handler's own bound is 50.
      httpsAgent: { maxSockets: 200 },
      httpAgent: { maxSockets: 200 },
    },
  );
  return withRetries(async (method, connectionId, frame) => {
    const { body } = await send(method, `/@connections/${encodeURIComponent(connectionId)}`, frame);
    body.resume();
  }, retryTypeOf);
}

function retryTypeOf(error: unknown): RetryType | undefined {
  if (isThrottled(error)) return 'THROTTLING';
  return isServerError(error) || isUnanswered(error) ? 'TRANSIENT' : undefined;
}
