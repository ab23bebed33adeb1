// A bot that says everything back: npx tsx examples/bot.ts [NAME] [URL]
import { WebSocket } from 'ws';
import { connect, register } from '../client/chat.ts';

const [username = 'echo', url = 'ws://localhost:3001'] = process.argv.slice(2);
const webSocket = WebSocket;

await register({ url, username, webSocket }).catch(({ code, message }) => {
  if (code === 'name_taken') return;
  console.error(message);
  process.exit(1);
});
const chat = connect({ url, username, webSocket });
chat.on('state', ({ state }) => console.log(`${username} is ${state}`));
chat.on('message', (message) => {
  const { sender, content, edits, deletes } = message;
  // Its own words come back, too; and a change of a message is no message.
  if (sender === username || edits || deletes) return;
  chat.send('group_id' in message ? { group: message.group_id } : sender, `${sender} said: ${content}`);
});
process.once('SIGINT', () => chat.close());
