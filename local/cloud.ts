import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type Credentials, newCredentials, type Signer } from './callers.ts';
import type { Count } from './engine/calls.ts';
import { startEngine } from './engine/engine.ts';
import { allTo } from './events/all-to.ts';
import { Buses } from './events/bus.ts';
import { eventsServer } from './events/server.ts';
import { targets } from './events/targets.ts';
import { type FaultCounts, Faults } from './faults/faults.ts';
import type { FaultKind, FaultPlan } from './faults/plan.ts';
import type { Peer } from './gateway/connection.ts';
import { Gateway } from './gateway/gateway.ts';
import { type GatewayLimits, serviceLimits } from './gateway/limits.ts';
import { managementServer } from './gateway/management.ts';
import { OpenConnections } from './gateway/open-connections.ts';
import { type AccountRates, Throttles } from './gateway/throttles.ts';
import { type Grant, grantsOf, type Identity, Permissions, type Use } from './iam.ts';
import type { LogLine } from './lambda/instance.ts';
import { Pool } from './lambda/pool.ts';
import { lambdaServer } from './lambda/server.ts';
import { type Listening, listenOn } from './listen.ts';
import type { Pages } from './pages.ts';
import { feed } from './queues/feed.ts';
import { Queue } from './queues/queue.ts';
import { sqsServer } from './queues/server.ts';
import { follow } from './streams/follow.ts';
import type { Assembly } from './template/assembly.ts';
import { ACCOUNT, arn } from './template/aws.ts';
import type { CloudModel, FeedModel, StreamFeedModel } from './template/model.ts';
import { readTemplate } from './template/read.ts';
import type { Visitors } from './visitors.ts';

/** Options of a local cloud. */
export interface CloudOptions {
  /** What to run, or the folder of it: the CDK's output, or a plain template. */
  assembly: string | Assembly;
  /** 0 picks a free one. */
  port: number;
  /** Address or name to listen on (default: both addresses of `localhost`). */
  host?: string;
  /** Visitors that may use the port from a browser, besides pages of this machine. */
  visitors?: Visitors;
  /** Data folder (default: data is kept in memory). */
  data?: string;
  /** Whether to start with the readable part of damaged data. */
  acceptDamage?: boolean;
  /** Called with a description of damaged data. */
  warn?: (notice: string) => void;
  limits?: Partial<GatewayLimits>;
  /** Limits of the account; they also enable those of the template's stage (default: no throttling). */
  throttling?: AccountRates;
  /** Maximum number of instances of one function. */
  instances?: number;
  /**
   * How many times as long as in AWS a function may take to load and to handle an event, and a client waits for it
   * (default: 1). For tests of what a function does on a machine that is busy with other things, too.
   */
  patience?: number;
  /** Pages to serve on the same port (default: none). */
  pages?: Pages;
  /** Faults to inject (default: none). */
  faults?: FaultPlan;
  /** Where to POST the detail of each event of the template's buses, besides what its rules do (default: nowhere). */
  eventsTo?: string;
  /** Receives the functions' log lines. */
  log?: (line: LogLine) => void;
  /** Called with each post that a connection accepted, before the function gets its answer. */
  accepted?: (by: Peer, data: Buffer) => void;
}

/** The credentials of somebody outside the service, and the endpoint of an API that they may use. */
export interface Access {
  endpoint: string;
  accessKeyId: string;
  sessionToken: string;
}

/** A running cloud. */
export interface Cloud {
  url: string;
  /** Resource types of the template that are ignored here. */
  ignored: string[];
  /** Calls to DynamoDB, posts by connection, and connection lookups since the last reset. */
  counts(): Promise<{ calls: Count[]; posts: Record<string, number>; looks: number }>;
  resetCounts(): Promise<void>;
  /**
   * Writes items directly, without functions, rights and counts, to prepare data that would take long to send.
   * @param table a name like `History`
   * @param items in the format of the files in `store/`
   */
  fill(table: string, items: readonly Record<string, unknown>[]): Promise<void>;
  /** The rights that the template grants, those that were used, and the calls that were denied. */
  grants(): Promise<{ granted: Grant[]; used: Use[]; denied: Grant[] }>;
  /** Access to the management API, with full rights. */
  administrator(): Access;
  /** Access to Lambda, with the right to invoke the function that an output of the stack names, and its name. */
  invoker(output: string): Access & { functionName: string };
  /** Replaces the faults to inject; without a plan, stops them. */
  setFaults(plan?: FaultPlan): Promise<void>;
  /** Waits until every client message received so far is answered, or can't be answered any more. */
  answered(): Promise<void>;
  /** Messages in each queue, by its logical id. */
  queues(): Record<string, number>;
  /** The bodies of a queue's messages, which stay there. @param id its logical id, or the start of it */
  messages(id: string): string[];
  /** Events that targets of rules have yet to get, by rule and target. */
  undelivered(): Record<string, number>;
  /** How often each fault was injected. */
  faultCounts(): Promise<FaultCounts>;
  /** Stops everything at once. */
  close(): Promise<void>;
}

const INSTANCES = 8;
const RETIRING_MS = 60_000;
// For endpoints that only functions call.
const INSIDE = '127.0.0.1';
// All addresses, or those of `localhost`.
const LOCAL = new Set(['localhost', '127.0.0.1', '::1', '0.0.0.0', '::']);

/** Runs a template: its tables, functions, queues and API. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const {
    assembly,
    port,
    host = 'localhost',
    data,
    instances = INSTANCES,
    patience = 1,
    log = () => {},
    accepted = () => {},
  } = options;
  const limits = {
    ...serviceLimits,
    integration: serviceLimits.integration * patience,
    ...options.limits,
  };
  const callers = new Map<string, { identity: Identity & { id: string }; sessionToken: string }>();
  const credentials = new Map<string, Credentials>();
  const credentialsOf = (functionId: string) => credentials.get(functionId) as Credentials;
  const posts = new Map<string, number>();
  let looks = 0;
  let gateway: Gateway | undefined;
  const faults = new Faults('gateway');
  const kill = ({ functionKey, instanceKey }: Signer) => {
    const pool = pools.get(callers.get(functionKey)?.identity.id ?? '');
    pool?.kill(instanceKey);
    return pool !== undefined;
  };
  const permissions = new Permissions();
  const management = managementServer({
    permissions,
    gateway: () => gateway as Gateway,
    model: () => model,
    callers,
    payload: limits.payload,
    faults,
    kill,
    throttles: () => throttles,
    onPost(connection, data) {
      posts.set(connection.id, (posts.get(connection.id) ?? 0) + 1);
      accepted(connection, data);
    },
    onLook: () => looks++,
  });
  const { port: managementPort } = await listenOn(management, 0, INSIDE);
  const queues = new Map<string, Queue>();
  const sqs = sqsServer({ permissions, callers, faults, kill, queue: (id) => queues.get(id) });
  const sqsEndpoint = `http://${INSIDE}:${(await listenOn(sqs, 0, INSIDE)).port}`;
  const invoke = (functionId: string, event: unknown, requestId: string) =>
    pools.get(functionId)?.invoke(event, requestId) ?? Promise.reject();
  const lambda = lambdaServer({
    permissions,
    callers,
    faults,
    kill,
    invoke,
    functions: () => model.functions,
  });
  const lambdaEndpoint = `http://${INSIDE}:${(await listenOn(lambda, 0, INSIDE)).port}`;
  const events = eventsServer({
    permissions,
    callers,
    faults,
    kill,
    buses: () => buses,
    models: () => model.buses,
  });
  const eventsEndpoint = `http://${INSIDE}:${(await listenOn(events, 0, INSIDE)).port}`;
  const servers = [management, sqs, lambda, events];
  const model = readTemplate(assembly, `http://${INSIDE}:${managementPort}`, `${sqsEndpoint}/${ACCOUNT}`);
  const throttles = options.throttling && new Throttles(model.throttles, options.throttling);
  for (const identity of model.functions) {
    const made = newCredentials();
    credentials.set(identity.id, made);
    callers.set(made.accessKeyId, { identity, sessionToken: made.sessionToken });
  }
  const { acceptDamage, warn } = options;
  const engine = await startEngine(
    { path: data, acceptDamage, tables: model.tables, callers },
    kill,
    warn,
  ).catch((error) => {
    for (const server of servers) server.close();
    throw error;
  });
  const settings = {
    dynamoEndpoint: engine.endpoint,
    sqsEndpoint,
    lambdaEndpoint,
    eventsEndpoint,
    credentialsOf,
    patience,
    faults,
    log,
  };
  const pools = new Map(model.functions.map((each) => [each.id, new Pool(each, settings, instances)]));
  const retiring = setInterval(() => {
    for (const pool of pools.values()) pool.retire(Date.now());
  }, RETIRING_MS).unref();
  for (const each of model.queues) {
    const failed = () => [...queues.values()].find(({ model: { arn } }) => arn === each.failed?.arn);
    queues.set(each.id, new Queue(each, data && join(data, 'queues'), failed, acceptDamage));
  }
  gateway = new Gateway(
    model,
    (functionId, event) => invoke(functionId, event, event.requestContext.requestId),
    limits,
    faults,
    new OpenConnections(data && join(data, 'connections')),
    options.pages,
    { ...options.visitors, deployed: originsIn(model) },
    throttles,
  );
  const outsider = (name: string, action: string, resource: string): Credentials => {
    const made = newCredentials();
    const statements = [{ effect: 'Allow' as const, actions: [action], resources: [resource] }];
    const identity = { id: name, name, arn: arn('iam', `user/${name}`), statements };
    callers.set(made.accessKeyId, { identity, sessionToken: made.sessionToken });
    return made;
  };
  const invoker = (output: string) => {
    const functionName = model.output(output);
    const called = model.functions.find(({ id }) => id === functionName);
    if (functionName === undefined || called === undefined)
      throw new Error(`The template's output ${output} names no function`);
    const credentials = outsider('backend', 'lambda:InvokeFunction', called.arn);
    return { endpoint: lambdaEndpoint, functionName, ...credentials };
  };
  const setFaults = async (plan?: FaultPlan) => {
    faults.follow(plan);
    await engine.setFaults(plan);
  };
  if (options.faults) await setFaults(options.faults);
  const queueOf = (queueArn?: string) => [...queues.values()].find(({ model: { arn } }) => arn === queueArn);
  const complaining = (name: string) => (line: string) =>
    log({ function: name, line: JSON.stringify({ level: 'error', message: line }) });
  const buses = new Buses({
    rules: [...model.rules, ...(options.eventsTo === undefined ? [] : allTo(options.eventsTo, model.buses))],
    folder: data && join(data, 'events'),
    acceptDamage,
    faults,
    send: targets({ queueOf, invoke, complain: complaining('EventBridge') }),
  });
  const startStreamFeed = (each: StreamFeedModel) => {
    const identity = model.functions.find(({ id }) => id === each.functionId);
    const table = model.tables.find(({ stream }) => stream?.arn === each.streamArn);
    if (!identity || !table)
      throw new Error('An event source mapping of the template refers to a missing function or stream');
    return follow({
      model: each,
      table: table.name,
      engine,
      identity,
      permissions,
      faults,
      invoke: (event, requestId) => invoke(each.functionId, event, requestId),
      discard: (body) => queueOf(each.failedArn)?.send(body),
      complain: complaining(identity.name),
    });
  };
  const following: Awaited<ReturnType<typeof follow>>[] = [];
  const startFeed = (each: FeedModel) => {
    const identity = model.functions.find(({ id }) => id === each.functionId);
    const queue = queueOf(each.queueArn);
    const pool = pools.get(each.functionId);
    if (!identity || !queue || !pool)
      throw new Error('An event source mapping of the template refers to a missing function or queue');
    feed({
      model: each,
      queue,
      identity,
      permissions,
      invoke: (event) => pool.invoke(event, randomUUID()),
      complain: complaining(identity.name),
    });
  };
  let listening: Listening | undefined;
  const close = async () => {
    clearInterval(retiring);
    listening?.stop();
    gateway?.close();
    for (const each of following) each.stop();
    buses.close();
    for (const queue of queues.values()) queue.close();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await Promise.all([...pools.values()].map((pool) => pool.close()));
    await engine.close();
  };
  try {
    // Before the first write: a mapping that has never read may start with what comes from now on.
    for (const each of model.streamFeeds) following.push(await startStreamFeed(each));
    listening = await listenOn(gateway.server, port, host);
    for (const each of model.feeds) startFeed(each);
    void gateway.disconnectLeftOpen();
    return {
      url: `ws://${urlHostOf(host)}:${listening.port}`,
      ignored: model.ignored,
      counts: async () => ({ calls: await engine.counts(), posts: Object.fromEntries(posts), looks }),
      async resetCounts() {
        posts.clear();
        looks = 0;
        await engine.resetCounts();
      },
      async fill(table, items) {
        const name = model.tables.find((each) => each.name.startsWith(table))?.name;
        if (name === undefined) throw new Error(`The template has no table ${table}`);
        await engine.fill(
          name,
          items.map((item) => marshall(item)),
        );
      },
      async grants() {
        const { used, denied } = await engine.grants();
        return {
          granted: grantsOf(model.functions),
          used: [...used, ...permissions.used],
          denied: [...denied, ...permissions.denied],
        };
      },
      administrator: () => ({
        endpoint: `http://${INSIDE}:${managementPort}/${model.stage}`,
        ...outsider('administrator', 'execute-api:*', '*'),
      }),
      invoker,
      setFaults,
      answered: async () => gateway?.answered(),
      messages: (id) => [...queues].flatMap(([each, queue]) => (each.startsWith(id) ? queue.bodies : [])),
      undelivered: () => buses.waiting,
      queues: () => Object.fromEntries([...queues].map(([id, queue]) => [id, queue.size])),
      faultCounts: async () => sum(faults.counts(), await engine.faultCounts()),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function sum(one: FaultCounts, other: FaultCounts): FaultCounts {
  const kinds = [...new Set([...Object.keys(one), ...Object.keys(other)])] as FaultKind[];
  return Object.fromEntries(kinds.map((kind) => [kind, (one[kind] ?? 0) + (other[kind] ?? 0)]));
}

/** The origins that the functions' settings allow; `visitors` decides about all others. */
const originsIn = ({ functions }: CloudModel): string[] =>
  functions.flatMap(({ environment: { ALLOWED_ORIGINS: origins = 'off' } }) =>
    origins === 'off' ? [] : origins.split(','),
  );

/** The host in the URL for clients on this machine. */
const urlHostOf = (host: string): string =>
  LOCAL.has(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
