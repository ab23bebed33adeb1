import { PORT, type Running, runningAt } from './running.ts';
import type { ServerApiOptions } from './server-api.ts';

/**
 * The service that runs on this machine, of the same user. It has new credentials whenever it starts.
 * @param port absent, 3001 @throws Error if none runs there
 */
export function local(port = PORT): ServerApiOptions {
  const service = runningAt(port);
  if (service === undefined)
    throw new Error(`No service of yours runs on port ${port}: start it first, or give its port.`);
  return optionsOf(service);
}

/** @param service as it has said where it is */
export const optionsOf = ({
  endpoint,
  functionName,
  accessKeyId,
  sessionToken,
}: Running): ServerApiOptions => ({
  functionName,
  lambda: {
    endpoint,
    region: 'us-east-1',
    // The local cloud knows its callers by their session token.
    credentials: { accessKeyId, secretAccessKey: 'local', sessionToken },
  },
});
