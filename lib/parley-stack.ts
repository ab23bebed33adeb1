import { CfnOutput, Duration, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { type CfnApi, type CfnStage, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct, IDependable } from 'constructs';
import { type Grants, type TableName, tableVariable } from '../lambdas/runtime/grants.ts';
import { HASHING } from '../lambdas/runtime/route.ts';
import { accessLogOf } from './access-log.ts';
import { Alarms, watchersOf } from './alarms.ts';
import { type Bundles, bundleFunctions } from './bundles.ts';
import { checksOrigins, type Deployment, environmentOf, hasProvider } from './config.ts';
import { customDomain } from './custom-domain.ts';
import { addDashboard } from './dashboard.ts';
import { FAN_OUT_TIMEOUT, FanOutQueue } from './fan-out-queue.ts';
import { commandRoutes, commandRoutesWithProvider, type FunctionName, grantsOf } from './functions.ts';
import { acknowledge } from './nag-suppressions.ts';
import { RouteFunction } from './route-function.ts';
import { makeTables, type Tables } from './tables.ts';
import { Web, wantsWeb } from './web.ts';

type ParleyProps = StackProps & Omit<Deployment, 'name'>;

/** A route of the API: its key, its function and its options. */
interface RouteSpec {
  key: string;
  name: FunctionName;
  /**
   * Whether the function's result is sent as the reply. If not, the route must have no route response: with one, API Gateway
   * sends an empty frame for an empty result (serverless/serverless #6816), as after a login.
   */
  repliesInBand?: boolean;
  hashesPasswords?: object;
  isSend?: boolean;
}

/** The API's routes with certain settings. */
const routesWith = (environment: Readonly<Record<string, string>>): RouteSpec[] => [
  ...(hasProvider(environment) ? commandRoutesWithProvider : commandRoutes).map(({ name, route }) => ({
    ...route,
    name,
    key: route.command.type,
  })),
  { key: '$default', name: 'defaultRoute' },
  { key: '$disconnect', name: 'disconnect' },
  // Only if it is needed: otherwise a connection costs nothing until its first frame.
  ...(checksOrigins(environment) ? [{ key: '$connect', name: 'connect' } as const] : []),
];

// Enough for the SDK's import and TLS handshakes to be quick; an eighth of a vCPU would be 221.
const MEMORY = 512;
// A whole vCPU, for scrypt, which takes 128 MiB and 0.4 s of it (lambdas/runtime/passwords.ts), and for many posts, which
// are CPU-bound, so that more CPU costs nothing (docs/performance.md).
const WHOLE_CORE = 1_769;
// API Gateway waits 29 s; a function that reads and writes a few items needs far less.
const PATIENT = Duration.seconds(29);
const QUICK = Duration.seconds(10);

const made = new Map<string, { folder: string; bytes: number }>();

/** Shared by all stacks of one process. */
function bundled(names: readonly FunctionName[]): Bundles {
  const lacking = names.filter((name) => !made.has(name));
  if (lacking.length > 0) for (const [name, each] of bundleFunctions(lacking)) made.set(name, each);
  return made;
}

/** The whole service: tables, a Lambda with its own role for every route, and the WebSocket API. */
export class ParleyStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { stage: stageName, domain, sendConcurrency, ...props }: ParleyProps,
  ) {
    super(scope, id, props);
    const keep = stageName === 'prod';
    const retention = keep ? RetentionDays.THREE_MONTHS : RetentionDays.TWO_WEEKS;
    const tables = makeTables(this, keep);
    const api = new WebSocketApi(this, 'Api', {
      apiName: id,
      description: 'Parley: a chat service',
      routeSelectionExpression: '$request.body.type',
    });
    const stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: api,
      stageName,
      autoDeploy: true,
      throttle: { rateLimit: 2_000, burstLimit: 1_000 },
      accessLogSettings: accessLogOf(this, retention),
    });
    const environment = environmentOf(this.node, stageName);
    const routes = routesWith(environment);
    const bundles = bundled([...routes.map(({ name }) => name), 'fanOut']);
    const common = {
      environment: { ...environment, POWERTOOLS_SERVICE_NAME: this.stackName },
      retention,
    };
    const queue = new FanOutQueue(this, 'Later');
    const fanOut = new RouteFunction(this, idOf('fanOut'), {
      ...common,
      code: bundles.get('fanOut')?.folder ?? '',
      description: 'Parley: fan-out of messages to large groups',
      memory: WHOLE_CORE,
      timeout: FAN_OUT_TIMEOUT,
      // It delivers page after page of a member list.
      sendsToItself: true,
    });
    deployAfter(stage, queue.feed(fanOut));
    const functions = new Map<string, RouteFunction>();
    const grant = (route: RouteFunction, granted: Grants) => {
      grantTables(route, tables, granted.tables);
      grantConnections(route, this, api, stage, granted.connections);
      if (granted.fanOutQueue) queue.grantSend(route);
      if (granted.commandFunctions) grantInvokes(route, functions);
    };
    grant(fanOut, grantsOf('fanOut'));
    for (const { key, name, repliesInBand = false, hashesPasswords, isSend } of routes) {
      const granted = expiring(grantsOf(name), environment);
      const route = new RouteFunction(this, idOf(name), {
        ...common,
        code: bundles.get(name)?.folder ?? '',
        description: `Parley: ${key}`,
        memory: hashesPasswords ? WHOLE_CORE : MEMORY,
        timeout: granted.connections.length > 0 ? PATIENT : QUICK,
        reserved: isSend ? sendConcurrency : undefined,
      });
      functions.set(key, route);
      grant(route, granted);
      api.addRoute(key, {
        // One integration per route: with a shared one, API Gateway may invoke it for the first route only (aws-cdk #38148).
        integration: new WebSocketLambdaIntegration(`${idOf(name)}Integration`, route.function),
        returnResponse: repliesInBand,
      });
      const limits = key === '$default' ? UNMATCHED : hashesPasswords ? HASHING : undefined;
      if (limits) throttle(stage, key, limits);
    }
    // The API's routes, their integrations and permissions.
    deployAfter(stage, api);
    const watchers = watchersOf(this.node);
    if (watchers) {
      const watched = { api, stage, failed: queue.failed };
      new Alarms(this, 'Alarms', watched, watchers);
      addDashboard(this, watched);
    }
    const apiId = `<${this.getLogicalId(api.node.defaultChild as CfnApi)}>`;
    acknowledge(
      this,
      ['POST', 'DELETE', 'GET'].map(
        (verb) =>
          `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:${apiId}/${stageName}/${verb}/@connections/*`,
      ),
    );
    const url = domain ? customDomain(this, api, stage, domain) : stage.url;
    if (wantsWeb(this.node)) {
      const { origin } = new Web(this, 'Web', url);
      // The stack's own page may always connect.
      functions
        .get('$connect')
        ?.function.addEnvironment('ALLOWED_ORIGINS', `${environment.ALLOWED_ORIGINS},${origin}`);
    }
    // For `npm run admin`.
    new CfnOutput(this, 'Tables', {
      value: Fn.join(
        ',',
        Object.entries(tables).map(([name, { tableName }]) => `${name}=${tableName}`),
      ),
      description: 'The names of the tables',
    });
    new CfnOutput(this, 'Url', { value: url, description: 'Connect here: npx wscat -c URL' });
  }
}

/** A frame for `$default` may be any command. */
const UNMATCHED = { perSecond: 500, burst: 1_000 };

/** Throttles one route at the stage; the L2 stage supports only a limit for all. */
function throttle(stage: WebSocketStage, key: string, { perSecond, burst }: typeof HASHING): void {
  const resource = stage.node.defaultChild as CfnStage;
  resource.addPropertyOverride(`RouteSettings.${key}`, {
    ThrottlingRateLimit: perSecond,
    ThrottlingBurstLimit: burst,
  });
}

/**
 * Deploys the stage after the routes it needs. A stage that deploys by itself would go live before `$connect`, and sockets
 * that nobody checked would live for two hours. A stage also refuses settings of a route that doesn't exist yet.
 */
const deployAfter = (stage: WebSocketStage, needed: IDependable): void =>
  stage.node.defaultChild?.node.addDependency(needed);

/** Functions that append to a log also expire the entry before, if messages have a retention time. */
function expiring(granted: Grants, { RETENTION_DAYS: days }: Readonly<Record<string, string>>): Grants {
  const { History: actions = [] } = granted.tables;
  if (days === 'off' || !actions.includes('PutItem')) return granted;
  return {
    ...granted,
    tables: { ...granted.tables, History: [...new Set([...actions, 'UpdateItem' as const])] },
  };
}

function grantTables(route: RouteFunction, tables: Tables, granted: Grants['tables']): void {
  for (const [name, actions] of Object.entries(granted) as [TableName, readonly string[]][]) {
    const table = tables[name];
    route.function.addEnvironment(tableVariable(name), table.tableName);
    const direct = actions.filter((action) => !action.includes(' ')).map((action) => `dynamodb:${action}`);
    if (direct.length > 0) route.allow(direct, [table.tableArn]);
    for (const [action, index] of actions.map((each) => each.split(' '))) {
      if (index !== undefined) route.allow([`dynamodb:${action}`], [`${table.tableArn}/index/${index}`]);
    }
  }
}

/** @param verbs of the management API; none for functions that have nothing to do with connections */
function grantConnections(
  route: RouteFunction,
  stack: Stack,
  api: WebSocketApi,
  stage: WebSocketStage,
  verbs: readonly string[],
): void {
  if (verbs.length === 0) return;
  const resources = verbs.map((verb) =>
    stack.formatArn({
      service: 'execute-api',
      resource: api.apiId,
      resourceName: `${stage.stageName}/${verb}/@connections/*`,
    }),
  );
  route.allow(['execute-api:ManageConnections'], resources);
  route.function.addEnvironment('CALLBACK_URL', stage.callbackUrl);
}

/** Lets a function invoke the commands' functions, and passes their names to it. */
function grantInvokes(route: RouteFunction, byKey: ReadonlyMap<string, RouteFunction>): void {
  const functions = commandRoutes.map(({ route: { command } }) => {
    return [command.type, byKey.get(command.type)?.function] as const;
  });
  route.allow(
    ['lambda:InvokeFunction'],
    functions.flatMap(([, each]) => each?.functionArn ?? []),
  );
  const names = Object.fromEntries(functions.map(([type, each]) => [type, each?.functionName]));
  route.function.addEnvironment('FUNCTIONS', Stack.of(route).toJsonString(names));
}

/** A function's id in the stack: its row's name with a capital. */
const idOf = (name: FunctionName): string => name.charAt(0).toUpperCase() + name.slice(1);
