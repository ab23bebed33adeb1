import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one invocation did to the tables, and told its client. */
export interface Testimony {
  /** The message; absent for `$disconnect`. */
  body?: string;
  /** The reply, in band or posted to the requesting connection. */
  replies: string[];
  writes: { table: string; operation: string; status: number }[];
}

const MARK = 'WITNESS ';

// Runs before a function's own code. An instance handles one event at a time, so all calls between an event and its
// answer belong to that event. Base64, since some characters of a message would end a log line.
const CODE = `import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { handler as real } from './real.mjs';
let seen = { replies: [], writes: [] };
let own = '';
const sent = new WeakMap();
for (const method of ['write', 'end']) {
  const original = ClientRequest.prototype[method];
  ClientRequest.prototype[method] = function (chunk, ...rest) {
    if (chunk && typeof chunk !== 'function') sent.set(this, (sent.get(this) ?? '') + Buffer.from(chunk).toString());
    return original.call(this, chunk, ...rest);
  };
}
subscribe('http.client.response.finish', ({ request, response }) => {
  const operation = String(request.getHeader('x-amz-target')).split('.')[1];
  if (/^(Put|Update|Delete|BatchWrite|Transact)/.test(operation)) {
    const input = JSON.parse(sent.get(request));
    const table = input.TableName ?? Object.keys(input.RequestItems ?? {}).join();
    seen.writes.push({ table, operation, status: response.statusCode });
  }
  // Looking up or closing a connection tells its client nothing.
  const isItsOwn = own && decodeURIComponent(request.path).endsWith('@connections/' + own);
  if (isItsOwn && request.method === 'POST') seen.replies.push(sent.get(request));
});
export const handler = async (event, context) => {
  seen = { replies: [], writes: [] };
  own = event.requestContext.connectionId;
  try {
    const result = await real(event, context);
    if (result?.body) seen.replies.push(result.body);
    return result;
  } finally {
    if (seen.writes.length > 0)
      console.log('${MARK}' + Buffer.from(JSON.stringify({ ...seen, body: event.body })).toString('base64'));
  }
};`;

/** The writes that a log line of a function reports; undefined for any other line. */
export const testimonyOf = (line: string): Testimony | undefined =>
  line.startsWith(MARK) ? JSON.parse(Buffer.from(line.slice(MARK.length), 'base64').toString()) : undefined;

/**
 * A copy of the assembly in which every function logs what it writes.
 * @returns its folder, and a function that deletes it
 */
export async function witnessed(assembly: string): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-hostile-'));
  await cp(assembly, folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const code = join(folder, name, 'index.mjs');
    if (!name.startsWith('asset.') || !(await isHandler(code))) continue;
    await rename(code, join(folder, name, 'real.mjs'));
    await writeFile(code, CODE);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

const isHandler = async (file: string): Promise<boolean> => {
  const code = await readFile(file, 'utf8').catch(() => '');
  return /\bhandler\b/.test(code);
};
