// One instance of a function, in a worker thread. Plain JavaScript, so that it starts with no loader: it loads
// the bundle as it deploys, and has the environment that the template gives it.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

const { folder, handler: name, context: fixed } = workerData;
const [, module, exported] = /^(.*)\.([^.]+)$/.exec(name) ?? [];
const file = ['.mjs', '.js', '.cjs'].map((ending) => join(folder, `${module}${ending}`)).find(existsSync);

const describe = (error) => ({
  errorType: error?.name ?? 'Error',
  errorMessage: String(error?.message ?? error),
  // Includes the cause, and an AWS error's metadata.
  stack: error instanceof Error ? inspect(error, { depth: 5 }) : undefined,
});

try {
  if (file === undefined) throw new Error(`Cannot find module '${module}'`);
  const loaded = await import(pathToFileURL(file).href);
  const handler = loaded[exported] ?? loaded.default?.[exported];
  if (typeof handler !== 'function') throw new Error(`${name} is undefined or not exported`);
  parentPort.on('message', async ({ event, requestId, deadline }) => {
    const context = {
      ...fixed,
      awsRequestId: requestId,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    };
    try {
      parentPort.postMessage({ result: (await handler(event, context)) ?? null });
    } catch (error) {
      parentPort.postMessage({ error: describe(error) });
    }
  });
  parentPort.postMessage({ ready: true });
} catch (error) {
  parentPort.postMessage({ broken: describe(error) });
}
