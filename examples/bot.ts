// A bot that repeats what it is told: npx tsx examples/bot.ts [NAME] [URL]
// With an identity provider: CHAT_TOKEN=… npx tsx examples/bot.ts. A real bot gets a fresh token at each call of getToken.
import { WebSocket } from 'ws';
import { connect, register } from '../clients/sdk/chat.ts';

const [username = 'echo', url = 'ws://localhost:3001'] = process.argv.slice(2);
const webSocket = WebSocket;

const { CHAT_TOKEN: token } = process.env;

if (!token)
  await register({ url, username, webSocket }).catch(({ code, message }) => {
    if (code === 'name_taken') return;
    console.error(message);
    process.exit(1);
  });
const chat = connect({ url, webSocket, ...(token ? { getToken: () => token } : { username }) });
chat.on('state', ({ state, detail = '' }) => console.log(`${username} is ${state} ${detail}`));
chat.on('message', (message) => {
  const { sender, content, edits, deletes } = message;
  // Messages of its own arrive as well, and edits and deletions are entries, too.
  if (sender === chat.username || edits || deletes) return;
  chat.send('group_id' in message ? { group: message.group_id } : sender, `${sender} said: ${content}`);
});
process.once('SIGINT', () => chat.close());
