import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { pseudonym } from '../../lambdas/runtime/log.ts';
import { BatchGetCommand, GetCommand, PutCommand, UpdateCommand } from '../../store/documents.ts';
import { conditionFailed, throttles } from '../store/aws-errors.ts';
import { contextOf, eventOf } from '../support/event.ts';
import { dynamo, given, logged, measured, reply } from './aws.ts';
import { handlerOf } from './handlers.ts';
import { http } from './http.ts';

const onDisconnect = handlerOf('disconnect');
const goOn = handlerOf('fanOut');
const byDefault = handlerOf('defaultRoute');
const send = handlerOf('sendMessage');

const device = { form: 'json', since: Date.now(), login: 'l' };
const online = (...ids: string[]) => ({
  connections: Object.fromEntries(ids.map((id) => [id, device])),
  pending: {},
});
const toBob = { type: 'SEND_MESSAGE', recipient: 'bob', content: 'nobody-else-reads-this' };
const chat = (inboxes: Record<string, ReturnType<typeof online>>) =>
  given({
    loggedIn: { c1: 'ann' },
    users: ['ann', 'bob'],
    history: { 'ann:bob': [{ seq: 7 }] },
    inboxes,
  });

describe('a request writes one line', () => {
  test('that has the user, the command, the time and the outcome', async () => {
    chat({ bob: online('c2') });
    await reply(send, toBob);
    expect(logged).toEqual([
      {
        level: 'info',
        message: 'SEND_MESSAGE',
        timestamp: expect.stringMatching(/Z$/),
        // The first of this instance.
        cold_start: true,
        request_id: 'aws-request',
        connection_id: 'c1',
        user: pseudonym('ann'),
        route: 'SEND_MESSAGE',
        outcome: 'ok',
        form: 'json',
        ms: expect.any(Number),
      },
    ]);
  });

  test('with a pseudonym of the user, which is always the same', () => {
    expect(pseudonym('ann')).toMatch(/^[\w-]{12}$/);
    expect(pseudonym('ann')).toBe(pseudonym('ann'));
    expect(pseudonym('ann')).not.toBe(pseudonym('bob'));
  });

  test('without anything of the line before', async () => {
    chat({});
    await reply(send, toBob);
    await reply(handlerOf('ping'), { type: 'ping' });
    expect(logged.at(-1)).not.toHaveProperty('user');
  });

  test('that marks only the first request as a cold start', async () => {
    const handler = handlerOf('ping');
    await reply(handler, { type: 'ping' });
    await reply(handler, { type: 'ping' });
    expect(logged.at(-1)).toMatchObject({ cold_start: false });
  });

  test('without content, whatever fails', async () => {
    chat({});
    // An AWS error may carry the item that stood against it.
    dynamo.on(PutCommand).rejects(Object.assign(new Error('ours'), { Item: { content: toBob.content } }));
    await reply(send, toBob);
    expect(logged).toMatchObject([{ level: 'error', outcome: 'internal_error' }]);
    expect(JSON.stringify([...logged, ...measured])).not.toContain(toBob.content);
  });
});

const metricsOf = (line: Record<string, unknown>) => {
  const { CloudWatchMetrics } = line._aws as { CloudWatchMetrics: { Metrics: { Name: string }[] }[] };
  return Object.fromEntries(
    (CloudWatchMetrics[0]?.Metrics ?? []).map(({ Name }) => [Name, line[Name]] as const),
  );
};

test('two invocations at once in one instance have each its own fields, counts and times', async () => {
  chat({ bob: online('c2') });
  const early = eventOf('c1', JSON.stringify(toBob));
  early.requestContext.requestTimeEpoch = 1;
  const late = eventOf('stranger', JSON.stringify(toBob));
  // Each waits in its first read until the other has begun.
  const waiting: (() => void)[] = [];
  dynamo.on(GetCommand, { TableName: 'connections' }).callsFake(async ({ Key: { connection_id } }) => {
    await new Promise<void>((both) => {
      waiting.push(both);
      if (waiting.length === 2) for (const goOn of waiting) goOn();
    });
    return { Item: connection_id === 'c1' ? { connection_id, username: 'ann' } : undefined };
  });
  await Promise.all([send(early as never, contextOf('one')), send(late as never, contextOf('two'))]);
  const lineOf = (lines: Record<string, unknown>[], id: string) => {
    const found = lines.filter(({ request_id }) => request_id === id);
    expect(found).toHaveLength(1);
    return found[0] ?? {};
  };
  expect(lineOf(logged, 'one')).toMatchObject({ connection_id: 'c1', user: pseudonym('ann'), outcome: 'ok' });
  expect(lineOf(logged, 'two')).toMatchObject({ connection_id: 'stranger', outcome: 'not_logged_in' });
  expect(lineOf(logged, 'two')).not.toHaveProperty('user');
  const [sent, refused] = [metricsOf(lineOf(measured, 'one')), metricsOf(lineOf(measured, 'two'))];
  expect(sent).toMatchObject({ Requests: 1, Messages: 1, Deliveries: 1 });
  // Since it was received, which for one of them was in 1970.
  expect(sent.SendToPost).toBeGreaterThan(1e12);
  expect(Object.keys(refused).toSorted()).toEqual(['Failures.not_logged_in', 'Latency', 'Requests']);
});

describe('metrics are one line of EMF', () => {
  test('in the namespace Parley, by service, with the id of the request', async () => {
    await reply(byDefault, 'ping');
    expect(measured).toHaveLength(1);
    expect(measured[0]).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: 'Parley', Dimensions: [['service']] }] },
      service: 'Parley',
      route: 'ping',
      request_id: 'aws-request',
    });
  });

  test('for a message to a user who is online', async () => {
    chat({ bob: online('c2', 'c3'), ann: online('c1', 'c4') });
    await reply(send, toBob);
    expect(measured.map(metricsOf)).toEqual([
      {
        Requests: 1,
        Messages: 1,
        AppendAttempts: 1,
        Deliveries: 3,
        FanOutSize: 3,
        FanOutTime: expect.any(Number),
        SendToPost: expect.any(Number),
        Latency: expect.any(Number),
      },
    ]);
  });

  test('with a time to the post that starts when API Gateway accepted the message', async () => {
    chat({ bob: online('c2') });
    const event = eventOf('c1', JSON.stringify(toBob));
    event.requestContext.requestTimeEpoch = Date.now() - 60_000;
    await send(event as never, contextOf());
    expect(metricsOf(measured[0] ?? {}).SendToPost).toBeGreaterThanOrEqual(60_000);
  });

  test('for a message to a user who is away', async () => {
    chat({});
    await reply(send, toBob);
    expect(metricsOf(measured[0] ?? {})).toMatchObject({ Messages: 1, PendingWritten: 1 });
    expect(metricsOf(measured[0] ?? {})).not.toHaveProperty('Deliveries');
  });

  test('for a race for a place in the log, and a device that is gone', async () => {
    chat({ bob: online('c2', 'c3') });
    const first = { chat_id: 'ann:bob', seq: 8, id: 'theirs', sender: 'bob', content: 'hey', at: 1 };
    dynamo.on(PutCommand).rejectsOnce(conditionFailed(first)).resolves({});
    dynamo.on(UpdateCommand).resolves({ Attributes: { username: 'bob', ...online('c3') } });
    http.answers(({ connectionId }) => (connectionId === 'c2' ? 410 : 200));
    await reply(send, toBob);
    expect(metricsOf(measured[0] ?? {})).toMatchObject({
      Messages: 1,
      AppendAttempts: 2,
      GoneConnections: 1,
      Deliveries: 1,
      FanOutSize: 2,
    });
  });

  test('for a refusal, by its code', async () => {
    await reply(send, toBob);
    dynamo.onAnyCommand().rejects(throttles[0]);
    await reply(send, toBob);
    expect(measured.map(metricsOf)).toMatchObject([
      { Requests: 1, 'Failures.not_logged_in': 1 },
      { Requests: 1, 'Failures.busy': 1 },
    ]);
  });

  test('for a login that receives pending messages', async () => {
    const message = { seq: 7, id: 'm7', sender: 'bob', content: 'hi', at: 0 };
    given({ users: ['ann'], history: { 'ann:bob': [message] } });
    dynamo
      .on(UpdateCommand, { UpdateExpression: 'SET connections.#connection = :device' })
      .resolves({ Attributes: { username: 'ann', connections: {}, pending: { 'ann:bob': 7 } } });
    await reply(handlerOf('login'), { type: 'login', username: 'ann' });
    expect(metricsOf(measured[0] ?? {})).toMatchObject({ Requests: 1, PendingDelivered: 1 });
  });

  test('for a message that the queue continues, whose time starts when it was stored', async () => {
    const stored = { seq: 7, id: 'm7', sender: 'ann', content: 'hi', at: Date.now() - 60_000 };
    chat({ bob: online('c2') });
    given({
      members: { '#team': ['ann', 'bob'] },
      inboxes: { bob: online('c2') },
      history: { '#team': [stored] },
    });
    const body = JSON.stringify({ chat: '#team', seq: 7, names: ['bob'], copy: 'one' });
    await goOn({ Records: [{ body }] } as SQSEvent, contextOf());
    expect(measured.map(metricsOf)).toEqual([
      { Deliveries: 1, FanOutSize: 1, FanOutTime: expect.any(Number), SendToPost: expect.any(Number) },
    ]);
    expect(metricsOf(measured[0] ?? {}).SendToPost).toBeGreaterThanOrEqual(60_000);
    expect(logged).toMatchObject([{ message: 'fan-out', outcome: 'ok', request_id: 'aws-request' }]);
  });

  test('and the log has the reason why a fan-out was requeued', async () => {
    const queue = mockClient(SQSClient);
    queue.on(SendMessageCommand).resolves({});
    dynamo.on(BatchGetCommand).rejects(throttles[0]);
    const rest = { chat: '#team', seq: 7, after: 'ann', copy: 'one' };
    await goOn({ Records: [{ body: JSON.stringify(rest) }] } as SQSEvent, contextOf());
    const [{ MessageBody = '', DelaySeconds } = {}] = queue
      .commandCalls(SendMessageCommand)
      .map(({ args }) => args[0].input);
    expect(JSON.parse(MessageBody)).toEqual({ ...rest, tries: 1, copy: expect.any(String) });
    expect(JSON.parse(MessageBody)).not.toHaveProperty('copy', rest.copy);
    expect(DelaySeconds).toBeGreaterThan(0);
    expect(logged).toMatchObject([
      { level: 'warn', message: 'requeued', seq: 7, tries: 1, why: { name: 'Unavailable' } },
      { message: 'fan-out', outcome: 'ok' },
    ]);
  });

  test('at any level of the log', async () => {
    vi.resetModules();
    const fresh = await import('./handlers.ts');
    vi.stubEnv('LOG_LEVEL', 'warn');
    onTestFinished(() => void vi.unstubAllEnvs());
    await reply(fresh.handlerOf('ping'), { type: 'ping' });
    expect(logged).toEqual([]);
    expect(measured).toHaveLength(1);
  });

  test('which is absent for a connection that ends normally', async () => {
    await onDisconnect(eventOf('c1', undefined, '$disconnect'), contextOf());
    expect(measured).toEqual([]);
  });
});
