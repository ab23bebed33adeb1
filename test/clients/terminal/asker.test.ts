import { expect, test } from 'vitest';
import { askerOn, GaveUp } from '../../../clients/terminal/asker.ts';
import { FakeInput, FakeOutput } from './fake-terminal.ts';

function aTerminal() {
  const input = new FakeInput();
  const output = new FakeOutput();
  return { input, output, asker: askerOn(input.asInput, output) };
}

test('a secret is not shown, and can be corrected', async () => {
  const { input, output, asker } = aTerminal();
  const answer = asker.ask('Password: ', true);
  input.write('geheix\u007fm\r');
  expect(await answer).toBe('geheim');
  expect(output.written.join('')).toBe('Password: \n');
  expect(input.isRaw).toBe(false);
});

test('an ordinary answer is shown', async () => {
  const { input, output, asker } = aTerminal();
  const answer = asker.ask('Name: ');
  input.write('ann\r');
  expect(await answer).toBe('ann');
  expect(output.written.join('')).toContain('ann');
});

test('a question cannot send commands to the terminal', () => {
  const { output, asker } = aTerminal();
  asker.say('refused: \u001b]0;title\u0007\u202e');
  expect(output.written).toEqual(['refused: \\x1b]0;title\\x07\\u202e\n']);
});

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s is no answer', async (_, key) => {
  const { input, asker } = aTerminal();
  const answer = asker.ask('Password: ', true);
  input.write(key);
  await expect(answer).rejects.toThrow(GaveUp);
  expect(input.isRaw).toBe(false);
});
