/** The result of a function behind a route. */
interface ProxyResult {
  statusCode: number;
  body?: string;
  headers?: Record<string, string>;
}

/** The frame that a client gets after an error behind its route; `requestId` is in the logs. */
export class RouteError extends Error {
  readonly requestId: string;

  constructor(message: string, requestId: string, cause?: unknown) {
    super(message, { cause });
    this.requestId = requestId;
  }

  frame(connectionId: string): Buffer {
    return Buffer.from(JSON.stringify({ message: this.message, connectionId, requestId: this.requestId }));
  }
}

/**
 * The checked result of a function behind a route.
 * @param timeout milliseconds
 * @throws Error if it fails, takes longer, or returns no valid proxy result
 */
export const proxied = async (returned: Promise<unknown>, timeout: number): Promise<ProxyResult> =>
  checked(await inTime(returned, timeout));

/**
 * Waits for a function's result no longer than the service does. The function itself continues.
 * @param timeout milliseconds
 * @throws Error if it fails or takes longer
 */
async function inTime(returned: Promise<unknown>, timeout: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('The integration timed out')), timeout);
  });
  try {
    return await Promise.race([returned, late]);
  } finally {
    clearTimeout(timer);
  }
}

function checked(result: unknown): ProxyResult {
  const { statusCode, body, headers } = (result ?? {}) as Partial<ProxyResult>;
  if (typeof statusCode !== 'number') throw new Error('Malformed Lambda proxy response');
  if (body != null && typeof body !== 'string') throw new Error('Malformed Lambda proxy response');
  return { statusCode, body, headers };
}

/**
 * The route key in a message's field at this path; `$default` if the message is no JSON or has no such field. Predefined
 * keys like `$connect` are possible, too: AWS does not exclude them, and serverless-offline allows them.
 */
export function routeKeyOf(message: string, path: readonly string[]): string {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return '$default';
  }
  for (const name of path) {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    value = isObject ? (value as Record<string, unknown>)[name] : undefined;
  }
  return typeof value === 'string' ? value : '$default';
}
