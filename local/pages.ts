import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { isSecure, publicHostOf, refusalOf, type Visitors } from './visitors.ts';

/** The pages that the port serves besides the socket. */
export interface Pages {
  /** The folder with the files. All are read at the start, so no other file can be requested. */
  folder: string;
  /** Header → value; `SOCKET` in it stands for the socket's address. */
  headers: Readonly<Record<string, string>>;
  /** Further content of `/config.json`. */
  config?: object;
  /** Path → content that is generated for each request. */
  live?: Readonly<Record<string, () => Promise<{ type: string; body: string }>>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

const filesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });

/**
 * Serves files, and `/config.json` with the socket's address, as a deployment of the page does.
 * @returns a listener that answers every request: 403 for other origins, 404 for missing files, 426 where there are no pages
 */
export function pageServer(pages: Pages | undefined, visitors: Visitors) {
  const files = new Map(
    (pages ? filesIn(pages.folder) : []).map((path) => [
      `/${relative(pages?.folder ?? '', path)
        .split(sep)
        .join('/')}`,
      { type: TYPES[extname(path)] ?? 'application/octet-stream', body: readFileSync(path) },
    ]),
  );
  const { config } = pages ?? {};
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = refusalOf(request, visitors);
    if (refusal !== undefined) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end(`${refusal}\n`);
      return;
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!pages || !isRead) {
      response.writeHead(426, { upgrade: 'websocket' }).end();
      return;
    }
    const url = `${isSecure(request) ? 'wss' : 'ws'}://${publicHostOf(request, visitors)}`;
    const path = request.url?.split('?')[0] ?? '/';
    const file =
      path === '/config.json'
        ? { type: TYPES['.json'] ?? '', body: Buffer.from(JSON.stringify({ url, ...config })) }
        : ((await pages.live?.[path]?.()) ?? files.get(path === '/' ? '/index.html' : path));
    const headers = Object.entries(pages.headers).map(([name, value]) => [
      name,
      value.replace('SOCKET', url),
    ]);
    response.writeHead(file ? 200 : 404, {
      ...Object.fromEntries(headers),
      'content-type': file?.type ?? 'text/plain',
      // Names of cacheable files contain a hash of the content.
      'cache-control': path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
    });
    response.end(request.method === 'HEAD' ? undefined : (file?.body ?? 'Not found\n'));
  };
}
