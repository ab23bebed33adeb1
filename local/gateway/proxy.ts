/** The result of a function behind a route. */
interface ProxyResult {
  statusCode: number;
  body?: string;
  headers?: Record<string, string>;
}

/** What the client gets after an error behind its route; `requestId` is in the logs. */
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
 * What a function behind a route returns.
 * @param most milliseconds
 * @throws Error if it fails, takes longer, or returns what is no proxy result
 */
export const proxied = async (returned: Promise<unknown>, most: number): Promise<ProxyResult> =>
  checked(await inTime(returned, most));

/**
 * Waits for what a function returns, no longer than the service does; the function goes on.
 * @param most milliseconds
 * @throws Error if it fails or takes longer
 */
async function inTime(returned: Promise<unknown>, most: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('The integration timed out')), most);
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
 * The route key that a message names by its field at a path; `$default` for what is no JSON or names none. One of the
 * service's own can be named, too: AWS does not say that it cannot, and serverless-offline lets it.
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
