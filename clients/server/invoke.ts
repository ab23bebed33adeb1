import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { didNothing, isServerError, isThrottled, isUnanswered } from '../../store/aws-error.ts';
import { ServerApiError } from './errors.ts';

/** `{"request":{…}}`, and as whom; absent, as the operator. */
export interface Call {
  as?: string;
  request: Readonly<Record<string, unknown>>;
}

/** A reply of the service; a refusal has a `code` and a `reason`. */
export type Reply = Readonly<Record<string, unknown>> & { code?: string; reason?: string };

/** Invokes the function of the server API, once. */
export interface Invoker {
  /** @param call as JSON @throws ServerApiError if there is no reply */
  invoke(call: string): Promise<Reply>;
  close(): void;
}

// The function takes at most a minute.
const patience = { connectionTimeout: 5_000, requestTimeout: 70_000, throwOnRequestTimeout: true };

/** @param functionName its name or ARN @param config of Lambda's client; absent, that of the environment */
export function invoker(functionName: string, config: LambdaClientConfig = {}): Invoker {
  // The SDK can't know what may be repeated.
  const client = new LambdaClient({ requestHandler: patience, ...config, maxAttempts: 1 });
  const send = async (call: string) => {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(call) });
    return client.send(command).catch((cause: Error) => {
      throw failureOf(cause);
    });
  };
  return {
    async invoke(call) {
      const { Payload, FunctionError } = await send(call);
      const said = Buffer.from(Payload ?? []).toString();
      if (FunctionError !== undefined)
        throw new ServerApiError('outcome_unknown', `The server API failed: ${said}`);
      return JSON.parse(said) as Reply;
    },
    close: () => client.destroy(),
  };
}

function failureOf(cause: Error): ServerApiError {
  const { name, message } = cause;
  const why = message === '' ? name : message;
  if (isThrottled(cause)) return new ServerApiError('busy', `Lambda is busy: ${why}`, { cause });
  if (isUnanswered(cause) && didNothing(cause))
    return new ServerApiError('unreachable', `Lambda can't be reached: ${why}`, { cause });
  if (isUnanswered(cause) || isServerError(cause))
    return new ServerApiError('outcome_unknown', `The reply was lost: ${why}`, { cause });
  return new ServerApiError('not_invoked', `${name}: ${message}`, { cause });
}
