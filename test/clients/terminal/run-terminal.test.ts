import { expect, onTestFinished, test, vi } from 'vitest';
import { runTerminal } from '../../../clients/terminal/run-terminal.ts';
import { aMessage, aSummary, inGroup } from '../view/views.ts';
import { FakeChat } from './fake-chat.ts';
import { FakeInput, FakeOutput } from './fake-terminal.ts';

// A busy machine is no failure.
const PATIENCE = 60_000;

/** Alice at a terminal of 80×24, who has a chat with Bob. */
function seated(prepare: (chat: FakeChat) => void = () => {}) {
  const chat = new FakeChat();
  chat.summaries = [aSummary()];
  chat.log = [1, 2, 3].map((seq) => aMessage(seq));
  prepare(chat);
  const input = new FakeInput();
  const output = new FakeOutput();
  const left = runTerminal(chat, { input: input.asInput, output: output.asOutput, isPlain: true });
  onTestFinished(() => void chat.close());
  return { chat, input, output, left };
}

const shows = (output: FakeOutput, what: string) =>
  vi.waitFor(() => expect(output.frame.join('\n')).toContain(what), PATIENCE);

test('typed text is on the last line, and Enter sends it', async () => {
  const { chat, input, output } = seated();
  await shows(output, 'bob: message 3');
  input.write('hello wörld');
  await shows(output, '> hello wörld');
  expect(output.frame).toHaveLength(23);
  input.write('\r');
  await shows(output, '…        alice: hello wörld');
  expect(chat.asked).toContainEqual({ type: 'send', to: 'bob', content: 'hello wörld' });
});

test('keys are read one by one, however they arrive, and pasted text is not sent', async () => {
  const { chat, input, output } = seated();
  await shows(output, 'bob: message 3');
  input.write('one\rtw');
  input.write('o\u001b[D\u001b[DX\u001b');
  input.write('[H>\r\u001b[200~a\rb\u001b[201~');
  await shows(output, '> a⏎b');
  const sent = chat.asked.filter((each) => 'to' in each);
  expect(sent).toMatchObject([{ content: 'one' }, { content: '>tXwo' }]);
});

test('a message of any bytes leaves the screen as large as the terminal', async () => {
  const { chat, output } = seated();
  await shows(output, 'bob: message 3');
  chat.emit('message', aMessage(4, { content: '\u001b[2J\u001b]0;title\u0007 世界👩‍👩‍👧\u202e end' }));
  await shows(output, '\\x1b[2J\\x1b]0;title\\x07 世界👩‍👩‍👧\\u202e end');
  expect(output.frame).toHaveLength(23);
});

test('the title of the window has the open chat and what is unread, and news rings the bell', async () => {
  const { chat, input, output } = seated();
  await titled(output, 'bob – Parley');
  chat.emit('caught-up', undefined);
  chat.emit('message', aMessage(1, inGroup()));
  await titled(output, '(1) bob – Parley');
  expect(output.written).toContain('\u0007');
  input.write('\t');
  await titled(output, '#team – Parley');
});

test('nobody can write to the terminal by the name of a chat', async () => {
  const { output } = seated((chat) => {
    chat.summaries = [aSummary({ read: 3, unread: 0, name: 'b\u0007\u001b]0;x' })];
  });
  await titled(output, 'b\\x07\\x1b]0;x – Parley');
});

const titled = (output: FakeOutput, title: string) =>
  vi.waitFor(() => expect(output.written).toContain(`\u001b]0;${title}\u0007`), PATIENCE);

test('it follows the size of the terminal', async () => {
  const { output } = seated();
  await shows(output, '│   ');
  output.resize(50, 12);
  await vi.waitFor(() => expect(output.frame).toHaveLength(11), PATIENCE);
  expect(output.frame.join('')).not.toContain('│');
});

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s restores the terminal', async (_, key) => {
  const before = process.listenerCount('SIGTERM');
  const { input, output, left } = seated();
  await shows(output, 'bob: message 3');
  expect(input.isRaw).toBe(true);
  input.write(key);
  expect(await left).toEqual({});
  expect(input.isRaw).toBe(false);
  expect(output.written[0]).toContain('\u001b[?1049h');
  expect(output.written.at(-1)).toBe('\u001b[23;0t\u001b[?1004l\u001b[?2004l\u001b[?1049l\u001b[?25h');
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('a session that ends shows the reason', async () => {
  const { chat, left } = seated();
  chat.become('closed', 'unauthorized', 'It is for "account", not for chat.');
  expect(await left).toEqual({ reason: 'unauthorized', detail: 'It is for "account", not for chat.' });
});
