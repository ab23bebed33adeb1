import type { IncomingMessage } from 'node:http';

/** Reads a request's body. Uses events, since iterating a stream costs more than the rest of a small call. */
export function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.once('error', fail);
    // `close` also follows a complete request, for which an error, which is costly to create, would be wasted.
    request.once('close', () => request.complete || fail(new Error('The request was cut off')));
  });
}
