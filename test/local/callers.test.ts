import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anyone, ask, callback, localCloud, type Said, signedAs } from './cloud.ts';
import { tempFolder } from './stack.ts';

const data = tempFolder();
const mayGet = {
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: { 'Fn::GetAtt': ['Things', 'Arn'] },
};
const routes = {
  one: { handler: 'about', environment: callback, statements: [anyone, mayGet] },
  other: { handler: 'about', statements: [anyone, mayGet] },
};
const { open } = await localCloud(routes, { data });
const again = await localCloud(routes);

const envOf = async (type: string, from = open): Promise<Said> => (await ask(await from(), { type })).env;
const one = await envOf('one');
const other = await envOf('other');

const json = (operation: string, body: object) => ({
  method: 'POST',
  headers: { 'x-amz-target': operation },
  body: JSON.stringify(body),
});
const get = json('DynamoDB_20120810.GetItem', { TableName: 'Things', Key: { id: { S: 'a' } } });
const send = json('AmazonSQS.SendMessage', { QueueUrl: '/none', MessageBody: 'x' });

/** Where it is, a call, what a function is answered that may make it, and what a stranger is. */
const endpoints: [name: string, url: string, init: RequestInit, known: string, strange: string][] = [
  ['DynamoDB', one.AWS_ENDPOINT_URL_DYNAMODB, get, '200', '400 UnrecognizedClientException'],
  ['SQS', one.AWS_ENDPOINT_URL_SQS, send, '400 QueueDoesNotExist', '403 InvalidClientTokenId'],
  [
    'Lambda',
    `${one.AWS_ENDPOINT_URL_LAMBDA}/2015-03-31/functions/oneFunction/invocations`,
    { method: 'POST' },
    '403 AccessDeniedException',
    '403 UnrecognizedClientException',
  ],
  ['@connections', `${one.CALLBACK_URL}/@connections/x`, {}, '410 GoneException', '403 ForbiddenException'],
];

/** The status, and the name of an error. */
async function answer(url: string, init: RequestInit, signed: Record<string, string>): Promise<string> {
  const response = await fetch(url, { ...init, headers: { ...init.headers, ...signed } });
  const said = await response.text();
  const type = response.headers.get('x-amzn-errortype') ?? /"__type":"[^#"]*#(\w+)"/.exec(said)?.[1];
  return [response.status, type].filter(Boolean).join(' ');
}

describe.each(endpoints)('%s answers', (_, url, init, known, strange) => {
  const key = { AWS_ACCESS_KEY_ID: one.AWS_ACCESS_KEY_ID };

  test('a function, by its key and its token', async () => {
    expect(await answer(url, init, signedAs(one))).toBe(known);
    expect(await answer(url, init, signedAs(other))).toBe(known);
  });

  test.each([
    ['who signs nothing', {}],
    ['who knows the key alone', signedAs(key)],
    ['who guesses the token', signedAs({ ...key, AWS_SESSION_TOKEN: 'x'.repeat(43) })],
    ['a function under the name of another', signedAs({ ...other, ...key })],
    ['who guesses the key', signedAs({ ...one, AWS_ACCESS_KEY_ID: 'AKIALOCALONEFUNCTION' })],
  ])('no call of %s', async (__, signed: Record<string, string>) => {
    expect(await answer(url, init, signed)).toBe(strange);
  });

  test('no function of another start', async () => {
    expect(await answer(url, init, signedAs(await envOf('one', again.open)))).toBe(strange);
  });
});

test('the token is in no data file, argument or environment variable of the process', () => {
  const secret = one.AWS_SESSION_TOKEN;
  expect(secret).toMatch(/^[\w-]{43}$/);
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  expect(files.length).toBeGreaterThan(0);
  for (const file of files)
    expect(readFileSync(join(file.parentPath ?? file.path, file.name), 'latin1')).not.toContain(secret);
  expect(`${process.argv} ${JSON.stringify(process.env)}`).not.toContain(secret);
});
