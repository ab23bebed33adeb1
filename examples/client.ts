// Chats with tokens of examples/backend.ts: npx tsx examples/client.ts NAME PASSWORD [URL] [BACKEND]. See docs/identity.md.
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { connect } from '../clients/sdk/chat.ts';

const [name, password, url = 'ws://localhost:3001', backend = 'http://localhost:8080'] =
  process.argv.slice(2);
const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

/** The SDK calls it before each login, and again before the token expires. */
async function getToken(): Promise<string> {
  const response = await fetch(`${backend}/token`, { method: 'POST', headers: { authorization } });
  if (!response.ok) throw new Error(`the backend answered ${response.status}`);
  return response.text();
}

const chat = connect({ url, getToken, webSocket: WebSocket });
chat.on('state', ({ state, detail = '' }) => console.log(`${chat.username ?? name} is ${state} ${detail}`));
chat.on('message', ({ sender, content }) => console.log(`${sender}: ${content}`));

console.log('Type a user id and a message, like: bob@example.com Hello!');
let last: Promise<unknown> = Promise.resolve();
const lines = createInterface(process.stdin);
lines.on('line', (line) => {
  const [, recipient, content] = /^(\S+) (.+)$/.exec(line) ?? [];
  if (recipient && content) last = chat.send(recipient, content).message;
});
// Messages are sent in order.
lines.on('close', () => Promise.allSettled([last]).then(() => chat.close()));
