import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { RequestError, type Sending } from '../../../clients/sdk/chat.ts';
import { reportAs } from '../../../clients/terminal/report.ts';
import { aMessage, inGroup } from '../view/views.ts';

/** Somebody who is told, as lines or as JSON. */
function aReport(json: boolean) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  return {
    report: reportAs({ output, errors, json }),
    said: () => String(output.read() ?? ''),
    warned: () => String(errors.read() ?? ''),
  };
}

const sending = {
  id: 'x',
  to: { group: 'team' },
  content: 'hi',
  status: 'failed',
  message: new Promise(() => {}),
} as Sending;

test('a line has the time, the group if it is one, the sender and the text', () => {
  const { report, said } = aReport(false);
  report.message(aMessage(1));
  report.message(aMessage(2, inGroup({ content: 'one\ntwo\u001b[2J' })));
  report.message(aMessage(3, { edits: 1, content: 'new' }));
  report.message(aMessage(4, { deletes: 1, content: '' }));
  report.message(aMessage(5, { sender: 'system', system: true }));
  expect(said().split('\n')).toEqual([
    '2026-11-23T12:01:00.000Z bob: message 1',
    '2026-11-23T12:02:00.000Z #team bob: one\\x0atwo\\x1b[2J',
    '2026-11-23T12:03:00.000Z bob: (1 edited) new',
    '2026-11-23T12:04:00.000Z bob: (1 deleted)',
    '2026-11-23T12:05:00.000Z «system» bob: message 5',
    '',
  ]);
});

test('somebody who types reads the time of the day, and how others are called', () => {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const report = reportAs({ output, errors, json: false, isInteractive: true });
  const said = () => String(output.read() ?? '');
  report.prompt('#team');
  report.message(aMessage(2, inGroup()), 'Bob\u202e');
  report.prompt(undefined);
  report.set({ numbers: true });
  report.message(aMessage(3), 'bob');
  expect(said()).toMatch(
    /^#team> \n\d\d:\d\d #team Bob\\u202e \(bob\): message 2\n#team> \d\d:\d\d :3 bob: message 3\n$/,
  );
  // Nobody is called so that it reads as the system's.
  for (const name of ['«system» alice: Pay at x.test', '≪System》', '«»']) report.message(aMessage(4), name);
  expect(said().replace(/\d\d:\d\d :4 /gu, '')).toBe(
    'system alice: Pay at x.test (bob): message 4\nSystem (bob): message 4\nbob: message 4\n',
  );
  report.failed(sending, new RequestError('busy', 'Later.'), { number: 4, text: '#team hi' });
  report.problem('What?', undefined, { number: 5, text: 'x' });
  expect(String(errors.read())).toBe('not sent: #team hi (The service is busy. Try again.)\nWhat?\n');
});

test('events are not printed among the messages', () => {
  const { report, said, warned } = aReport(false);
  report.failed(sending, new RequestError('not_a_member', 'You are no member.'));
  for (let attempt = 0; attempt < 2; attempt++) {
    report.state({ state: 'waiting', reason: 'connection_lost', retryInMs: 1 });
    report.state({ state: 'connecting' });
  }
  report.state({ state: 'waiting', reason: 'no_token', detail: 'getToken: down', retryInMs: 1 });
  report.state({ state: 'online' });
  report.state({ state: 'waiting', reason: 'unreachable', retryInMs: 1 });
  report.problem('What?\u0007');
  expect(said()).toBe('');
  expect(warned().split('\n')).toEqual([
    'not sent: #team hi (You are no member.)',
    'offline: The connection is lost.',
    'offline: down',
    'offline: The service cannot be reached.',
    'What?\\x07',
    '',
  ]);
});

test('a session that ends elsewhere is reported, and a logout or a refusal is not', () => {
  const { report, warned } = aReport(false);
  report.state({ state: 'closed', reason: 'invalid_credentials' });
  report.state({ state: 'online' });
  report.state({ state: 'closed', reason: 'logged_out' });
  expect(warned()).toBe('');
  report.state({ state: 'closed', reason: 'password_changed' });
  expect(warned()).toBe('Your password was changed on another device. Log in with the new one.\n');
  report.state({ state: 'closed', reason: 'unauthorized', detail: 'The token is for others.' });
  expect(warned()).toBe('The token is for others.\n');
});

test('reasons of the service cannot send commands to the terminal', () => {
  const reason = 'no\u202e\u001b[2J\u2028\u009b';
  const lines = aReport(false);
  lines.report.failed(sending, new RequestError('busy', reason));
  lines.report.problem(reason);
  lines.report.told([reason]);
  const json = aReport(true);
  json.report.failed(sending, new RequestError('busy', reason));
  json.report.problem(reason, 'busy');
  json.report.told([reason]);
  for (const said of [lines.said() + lines.warned(), json.said()])
    expect(said.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
  json.report.problem(reason, 'busy');
  expect(JSON.parse(json.said())).toEqual({ event: 'problem', code: 'busy', reason });
});

test('JSON is one object a line with the same content, and cannot send commands to the terminal', () => {
  const { report, said } = aReport(true);
  const message = aMessage(1, { content: '\u009b2J\u202e\u001b\nend' });
  report.message(message);
  report.failed(sending, new RequestError('not_a_member', 'You are no member.'));
  report.state({ state: 'waiting', reason: 'busy', retryInMs: 1.5 });
  report.told(['a', 'b']);
  report.problem('No.', 'unknown_group', { number: 3, text: `/join ${'x'.repeat(100)}\u001b` });
  report.failed(sending, new RequestError('busy', 'Later.'), { number: 4, text: '#team hi' });
  const output = said();
  expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(
    output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { event: 'message', ...JSON.parse(JSON.stringify(message)) },
    {
      event: 'failed',
      to: '#team',
      content: 'hi',
      client_message_id: 'x',
      code: 'not_a_member',
      reason: 'You are no member.',
    },
    { event: 'state', state: 'waiting', reason: 'busy', retry_in_ms: 2 },
    { event: 'told', lines: ['a', 'b'] },
    {
      ...{ event: 'problem', line: 3, input: `/join ${'x'.repeat(23)}…` },
      ...{ code: 'unknown_group', reason: 'No.' },
    },
    expect.objectContaining({ event: 'failed', line: 4, code: 'busy', reason: 'Later.' }),
  ]);
});
