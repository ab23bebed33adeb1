import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { handler as moderate } from '../../examples/moderation.ts';
import { handler as filter } from '../../examples/word-filter.ts';
import { listenOn } from '../../local/listen.ts';

const asked = (content: string) => ({ type: 'message', chat_id: '#team', sender: 'ann', content }) as const;

describe('the word filter', () => {
  test.each([
    ['Hello', { verdict: 'allow' }],
    ['checked and darned', { verdict: 'allow' }],
    ['Spamword!', { verdict: 'deny', reason: expect.any(String) }],
    ['Heck, DARN it', { verdict: 'rewrite', content: '****, **** it' }],
    // What is between the letters, or looks like them.
    ['a spam\u200bword', { verdict: 'deny', reason: expect.any(String) }],
    ['sp\u00adam\u2060wo\ufe0frd', { verdict: 'deny', reason: expect.any(String) }],
    ['ｓｐａｍｗｏｒｄ', { verdict: 'deny', reason: expect.any(String) }],
    ['𝐬𝐩𝐚𝐦𝐰𝐨𝐫𝐝', { verdict: 'deny', reason: expect.any(String) }],
    ['spámwo\u0308rd', { verdict: 'deny', reason: expect.any(String) }],
    // The rest stays as it was written.
    ['Ｏｈ 👩‍💻 he\u200bck é, dárn\u0301!', { verdict: 'rewrite', content: 'Ｏｈ 👩‍💻 **** é, ****!' }],
    ['naïve 👩‍💻 ﬁne', { verdict: 'allow' }],
  ])('%s', async (content, verdict) => {
    // More than once, as its patterns are global.
    for (let turn = 0; turn < 3; turn++) expect(await filter(asked(content))).toEqual(verdict);
  });
});

describe('the call to a moderation model', async () => {
  const got: { body: unknown; key: string | undefined }[] = [];
  let answer: [number, unknown] = [200, {}];
  const server = createServer(async (request, response) => {
    got.push({ body: JSON.parse(await text(request)), key: request.headers.authorization });
    response.writeHead(answer[0]).end(JSON.stringify(answer[1]));
  });
  const { port } = await listenOn(server, 0, '127.0.0.1');
  Object.assign(process.env, {
    MODERATION_URL: `http://127.0.0.1:${port}/v1/moderations`,
    MODERATION_KEY: 'key',
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
    for (const name of ['MODERATION_URL', 'MODERATION_KEY']) delete process.env[name];
  });
  beforeEach(() => void got.splice(0));
  const result = (flagged: boolean, categories: object) => ({ results: [{ flagged, categories }] });

  test('lets through what is not flagged', async () => {
    answer = [200, result(false, { violence: false })];
    expect(await moderate(asked('hi'))).toEqual({ verdict: 'allow' });
    expect(got).toEqual([{ body: { input: 'hi' }, key: 'Bearer key' }]);
  });

  test('denies what is flagged, and says why', async () => {
    answer = [200, result(true, { violence: true, harassment: true, hate: false })];
    expect(await moderate(asked('grr'))).toEqual({
      verdict: 'deny',
      reason: 'This message was not sent, as it may contain violence, harassment.',
    });
  });

  test.each<[string, typeof answer]>([
    ['a model that is out of order', [500, {}]],
    ['an answer without a result', [200, { results: [] }]],
    ['an answer of another form', [200, { flagged: false }]],
  ])('gives no verdict by %s', async (_, given) => {
    answer = given;
    await expect(moderate(asked('hi'))).rejects.toThrow('The model answered');
  });
});
