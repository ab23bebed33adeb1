import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOn } from '../../local/listen.ts';

/** An HTTP endpoint that takes everything, and what it got, in order. */
export async function webhook<T>() {
  const got: T[] = [];
  const server = createServer(async (request, response) => {
    got.push(JSON.parse(await text(request)) as T);
    response.end();
  });
  const { port } = await listenOn(server, 0, '127.0.0.1');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/hook`, got, close };
}
