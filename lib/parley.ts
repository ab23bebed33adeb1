import { Duration, Names, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { type CfnStage, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Alarm, Dashboard, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IDependable } from 'constructs';
import { type Grants, type TableAction, type TableName, tableVariable } from '../lambdas/runtime/grants.ts';
import type { MetricName } from '../lambdas/runtime/metric-names.ts';
import { accessLogOf } from './access-log.ts';
import { Alarms } from './alarms.ts';
import { folderOf } from './artifacts.ts';
import { beforeSendOf } from './before-send.ts';
import { check, checksOrigins, environmentOf, hasProvider, type StageName, stageOf } from './config.ts';
import { customDomain } from './custom-domain.ts';
import { addDashboard } from './dashboard.ts';
import { EVENTS_TIMEOUT, Events } from './events.ts';
import { FAN_OUT_TIMEOUT, FanOutQueue } from './fan-out-queue.ts';
import { ownMetric } from './metrics.ts';
import { acknowledge } from './nag-suppressions.ts';
import { pageConfigOf } from './page-config.ts';
import { asProps, givenBy } from './props.ts';
import { RouteFunction, type RouteFunctionProps } from './route-function.ts';
import type { ParleySettings } from './settings-props.ts';
import { type FunctionSpec, specs } from './specs.ts';
import { makeTables, type Tables } from './tables.ts';
import { Web } from './web.ts';

/** A domain for the socket. */
export interface ParleyDomain {
  /** The domain's name, like `chat.example.com`. */
  readonly name: string;
  /** Its certificate, from the same region. */
  readonly certificate: ICertificate;
}

/** Props of `Parley`. All are optional. */
export interface ParleyProps extends ParleySettings {
  /**
   * What the deployment is for, which other defaults follow: `prod` keeps and protects the tables, requires passwords, has
   * stricter limits for registrations, and keeps logs for 90 days instead of 14. It is also the last part of the URL.
   * @default dev: deleting the stack deletes all messages
   */
  readonly stage?: StageName;

  /**
   * Tells this service's metrics, alarms and dashboard from those of others in the account and region. It has up to 100
   * letters, digits, dashes and underscores.
   * @default made from the stack's name and the construct's path
   */
  readonly name?: string;

  /**
   * What becomes of the tables when the stack, or this construct, is deleted.
   * @default RETAIN in prod, else DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DynamoDB refuses to delete the tables.
   * @default true if they are kept
   */
  readonly deletionProtection?: boolean;

  /**
   * How long logs are kept.
   * @default THREE_MONTHS in prod, else TWO_WEEKS
   */
  readonly logRetention?: RetentionDays;

  /**
   * A domain for the socket. Point it at `domainTarget`.
   * @default API Gateway's own
   */
  readonly domain?: ParleyDomain;

  /**
   * Reserved concurrency of each of the two functions that send. A new account has none to reserve.
   * @default none
   */
  readonly sendConcurrency?: number;

  /**
   * Whether to deploy the web page too, from a bucket behind CloudFront. Its address is `pageUrl`.
   * @default false
   */
  readonly web?: boolean;

  /**
   * With an identity provider: origins that may show the page in a frame and hand it tokens.
   * @default none
   */
  readonly pageHosts?: readonly string[];

  /**
   * Origins, like `https://pictures.example`, whose pictures of users and groups the page shows. Whoever can have a
   * picture there and read its log learns the addresses of those who see it.
   * @default none: the page shows letters
   */
  readonly pictureHosts?: readonly string[];

  /**
   * Where a backend of yours, like `https://backend.example/push`, takes the page's subscriptions for web push
   * (examples/web-push): whom the page may notify gets notifications without a page, too.
   * @default none
   */
  readonly webPush?: string;

  /**
   * Whether to put an event on `eventBus` for each message, change of a group and user (docs/events.md).
   * @default false
   */
  readonly events?: boolean;

  /**
   * Whether events have the messages' texts.
   * @default true
   */
  readonly eventContent?: boolean;

  /**
   * A function of yours that is asked before a message or an edit is stored: it allows, denies or rewrites it
   * (docs/before-send.md). It may be in any language.
   * @default none
   */
  readonly beforeSend?: IFunction;

  /**
   * How long a message waits for `beforeSend`, up to 10 seconds.
   * @default 3 seconds
   */
  readonly beforeSendTimeout?: Duration;

  /**
   * What becomes of a message to which `beforeSend` gives no verdict, as it fails or takes too long: `closed` answers
   * `busy`, so that clients try again, and `open` stores it.
   * @default closed
   */
  readonly beforeSendFails?: 'open' | 'closed';

  /**
   * Whether to create alarms and a dashboard. Each alarm costs $0.10 a month.
   * @default true with `alarmEmail`, else false
   */
  readonly alarms?: boolean;

  /**
   * The address that alarms mail to.
   * @default none: add actions to `alarms` yourself
   */
  readonly alarmEmail?: string;

  /**
   * Whether API Gateway writes an access log, which needs a CloudWatch role in the account.
   * @default false
   */
  readonly accessLogs?: boolean;
}

// Enough for the SDK's import and TLS handshakes to be quick; an eighth of a vCPU would be 221.
const MEMORY = 512;
// A whole vCPU, for scrypt, which takes 128 MiB and 0.4 s of it (lambdas/runtime/passwords.ts), and for many posts, which
// are CPU-bound, so that more CPU costs nothing (docs/performance.md).
const WHOLE_CORE = 1_769;
// API Gateway waits 29 s; a function that reads and writes a few items needs far less.
const PATIENT = Duration.seconds(29);
const QUICK = Duration.seconds(10);
// The operator's commands may read whole tables; the server API waits for them.
const LONG = Duration.seconds(45);
const LONGEST = Duration.seconds(60);

/**
 * The whole service: tables, a Lambda with its own role for every command, and the WebSocket API. A stack may have several.
 *
 * The logical ids of its tables come from its own id and theirs alone, and stay the same in all releases of a major version.
 */
export class Parley extends Construct {
  /** Clients connect here: `wss://…`. */
  readonly url: string;
  /** The address of the page; only with `web`. */
  readonly pageUrl: string | undefined;
  /** What the DNS record of `domain` has to point at; only with a domain. */
  readonly domainTarget: string | undefined;
  /** The tables, which docs/decisions.md explains. */
  readonly tables: Readonly<Record<TableName, ITableV2>>;
  /**
   * The functions, by what they answer: a command's type like `SEND_MESSAGE`, `$default`, `$disconnect`, `$connect`; and
   * `fanOut`, `events` (with the prop), `operator` and `api`, which is the server API.
   */
  readonly functions: Readonly<Record<string, IFunction>>;
  /** The bus for rules of yours; only with the prop `events`. */
  readonly eventBus: IEventBus | undefined;
  /** The alarms; none without the prop `alarms`. */
  readonly alarms: readonly Alarm[];
  /** The dashboard; only with the prop `alarms`. */
  readonly dashboard: Dashboard | undefined;
  readonly #name: string;

  /** @throws ConfigError that names the invalid prop */
  constructor(scope: Construct, id: string, props: ParleyProps = {}) {
    super(scope, id);
    const { domain, sendConcurrency, alarmEmail } = props;
    const stageName = stageOf(props.stage ?? 'dev', asProps);
    const isProd = stageName === 'prod';
    const environment = environmentOf(givenBy(props), stageName, asProps);
    const addresses = {
      pageHosts: props.pageHosts?.join(','),
      pictureHosts: props.pictureHosts?.join(','),
      webPush: props.webPush,
    };
    const pageConfig = pageConfigOf(environment, addresses, asProps);
    const retention = props.logRetention ?? (isProd ? RetentionDays.THREE_MONTHS : RetentionDays.TWO_WEEKS);
    const removalPolicy = props.removalPolicy ?? (isProd ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    const protectsTables = props.deletionProtection ?? removalPolicy !== RemovalPolicy.DESTROY;
    this.#name = props.name === undefined ? nameOf(this) : checkedName(props.name);
    const hasEvents = props.events ?? false;
    check(
      hasEvents || props.eventContent === undefined,
      'eventContent needs events: without them, there are no texts to leave out',
    );
    const askBeforeSend = beforeSendOf(props);
    const tables = makeTables(this, removalPolicy, protectsTables, hasEvents);
    const api = new WebSocketApi(this, 'Api', {
      apiName: this.#name,
      description: 'Parley: a chat service',
      routeSelectionExpression: '$request.body.type',
    });
    const stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: api,
      stageName,
      autoDeploy: true,
      throttle: { rateLimit: 2_000, burstLimit: 1_000 },
      accessLogSettings: props.accessLogs ? accessLogOf(this, retention) : undefined,
    });
    const routes = routesWith(environment);
    const all = [
      ...routes,
      specs.fanOut,
      specs.operator,
      specs.api,
      ...(hasEvents ? [specs.events] : []),
    ].map(({ name }) => name);
    const common = {
      environment: { ...environment, POWERTOOLS_SERVICE_NAME: this.#name },
      retention,
    };
    const queue = new FanOutQueue(this, 'Later');
    const fanOut = new RouteFunction(this, idOf('fanOut'), {
      ...common,
      code: folderOf('fanOut', all),
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
      grantConnections(route, api, stage, granted.connections);
      if (granted.fanOutQueue) queue.grantSend(route);
      if (granted.beforeSend) askBeforeSend(route);
      if (granted.commandFunctions) grantInvokes(route, functions, granted.commandFunctions);
    };
    grant(fanOut, gathering(specs.fanOut.grants, environment));
    for (const { key, name, repliesInBand, hashesPasswords, isSend, grants } of routes) {
      const granted = expiring(grants, environment);
      const route = new RouteFunction(this, idOf(name), {
        ...common,
        code: folderOf(name, all),
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
      const limits = key === '$default' ? UNMATCHED : hashesPasswords ? specs.hashing : undefined;
      if (limits) throttle(stage, key, limits);
    }
    const events = hasEvents
      ? this.#events(stage, tables, { ...common, code: folderOf('events', all) }, props.eventContent ?? true)
      : undefined;
    for (const { key, name, hashesPasswords, grants } of [specs.operator, specs.api]) {
      const route = new RouteFunction(this, idOf(name), {
        ...common,
        code: folderOf(name, all),
        description: `Parley: ${key}`,
        memory: hashesPasswords ? WHOLE_CORE : MEMORY,
        timeout: key === 'api' ? LONGEST : LONG,
      });
      functions.set(key, route);
      grant(route, grants);
      if (grants.eventBus) events?.grantPut(route);
    }
    // The API's routes, their integrations and permissions.
    deployAfter(stage, api);
    const watched = {
      name: this.#name,
      api,
      stage,
      failed: queue.failed,
      unsent: events?.failed,
      asks: props.beforeSend !== undefined,
      batchWindow: environment.BATCH_WINDOW === 'off' ? 0 : Number(environment.BATCH_WINDOW),
      functions: [fanOut, ...(events ? [events.route] : []), ...functions.values()],
    };
    const watches = props.alarms ?? alarmEmail !== undefined;
    this.alarms = watches ? new Alarms(this, 'Alarms', watched, { email: alarmEmail }).all : [];
    this.dashboard = watches ? addDashboard(this, watched) : undefined;
    acknowledge(
      this,
      ['POST', 'DELETE', 'GET'].map((verb) => connectionsArn(api, stage, verb)),
    );
    const mapped = domain && customDomain(this, api, stage, domain);
    this.domainTarget = mapped?.regionalDomainName;
    this.url = domain ? `wss://${domain.name}` : stage.url;
    const web = props.web ? new Web(this, 'Web', this.url, pageConfig) : undefined;
    // The stack's own page may always connect.
    if (web)
      functions
        .get('$connect')
        ?.function.addEnvironment('ALLOWED_ORIGINS', `${environment.ALLOWED_ORIGINS},${web.origin}`);
    this.pageUrl = web?.origin;
    this.tables = tables;
    this.eventBus = events?.bus;
    this.functions = Object.fromEntries(
      [['fanOut', fanOut] as const, ...(events ? [['events', events.route] as const] : []), ...functions].map(
        ([key, route]) => [key, route.function],
      ),
    );
  }

  /** The function that turns changes of the tables into events, and the bus. */
  #events(
    stage: WebSocketStage,
    tables: Tables,
    common: Pick<RouteFunctionProps, 'code' | 'environment' | 'retention'>,
    hasContent: boolean,
  ): Events {
    const route = new RouteFunction(this, idOf('events'), {
      ...common,
      description: 'Parley: events for backends',
      memory: MEMORY,
      timeout: EVENTS_TIMEOUT,
    });
    const events = new Events(this, 'EventBus', { tables, route, hasContent });
    if (specs.events.grants.eventBus) events.grantPut(route);
    // Nothing that happens on the stage is before its events.
    for (const mapping of events.mappings) deployAfter(stage, mapping);
    return events;
  }

  /**
   * Lets somebody use the server API, which may act as anybody: a backend's role or function, say. They invoke
   * `functions.api`.
   */
  grantInvokeApi(grantee: IGrantable): Grant {
    return (this.functions.api as IFunction).grantInvokeLatestVersion(grantee);
  }

  /**
   * A metric of the service, which docs/operations.md explains.
   * @param name one of the metrics, or `Failures.` and an error code like `Failures.busy`
   * @param options by default the sum of five minutes; durations are in milliseconds
   */
  metric(name: MetricName, options: MetricOptions = {}): Metric {
    return ownMetric(this.#name, name, options);
  }
}

/** The API's routes with certain settings. */
const routesWith = (environment: Readonly<Record<string, string>>): FunctionSpec[] => [
  ...(hasProvider(environment) ? specs.commandsWithProvider : specs.commands),
  ...specs.others,
  // Only if it is needed: otherwise a connection costs nothing until its first frame.
  ...(checksOrigins(environment) ? [specs.connect] : []),
];

/** Like `Shop-Chat-F695B83D`, for a construct `Chat` in a stack `Shop`. */
const nameOf = (parley: Parley): string =>
  Names.uniqueResourceName(parley, { separator: '-', maxLength: 100 });

/** As a dashboard may be named, and the search for its metrics takes it. @throws ConfigError for another name */
function checkedName(name: string): string {
  check(
    Token.isUnresolved(name) || /^[\w-]{1,100}$/.test(name),
    `name=${name}: a name has up to 100 letters, digits, dashes and underscores`,
  );
  return name;
}

/** A frame for `$default` may be any command. */
const UNMATCHED = { perSecond: 500, burst: 1_000 };

/** Throttles one route at the stage; the L2 stage supports only a limit for all. */
function throttle(stage: WebSocketStage, key: string, { perSecond, burst }: typeof UNMATCHED): void {
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

/** The function of the queue also looks for messages that wait beside one, where any wait. */
function gathering(granted: Grants, { BATCH_WINDOW: window }: Readonly<Record<string, string>>): Grants {
  return window === 'off' ? granted : withHistory(granted, 'Query');
}

/** Functions that append to a log also expire the entry before, if messages have a retention time. */
function expiring(granted: Grants, { RETENTION_DAYS: days }: Readonly<Record<string, string>>): Grants {
  return days === 'off' || !granted.tables.History?.includes('PutItem')
    ? granted
    : withHistory(granted, 'UpdateItem');
}

const withHistory = (granted: Grants, action: TableAction): Grants => {
  const { History: actions = [] } = granted.tables;
  return { ...granted, tables: { ...granted.tables, History: [...new Set([...actions, action])] } };
};

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

/** The ARN of all connections of a stage, for one verb of the management API. */
const connectionsArn = (api: WebSocketApi, stage: WebSocketStage, verb: string): string =>
  Stack.of(api).formatArn({
    service: 'execute-api',
    resource: api.apiId,
    resourceName: `${stage.stageName}/${verb}/@connections/*`,
  });

/** @param verbs of the management API; none for functions that have nothing to do with connections */
function grantConnections(
  route: RouteFunction,
  api: WebSocketApi,
  stage: WebSocketStage,
  verbs: readonly string[],
): void {
  if (verbs.length === 0) return;
  route.allow(
    ['execute-api:ManageConnections'],
    verbs.map((verb) => connectionsArn(api, stage, verb)),
  );
  route.function.addEnvironment('CALLBACK_URL', stage.callbackUrl);
}

/** Lets a function invoke the commands' functions, and passes their names to it. */
function grantInvokes(
  route: RouteFunction,
  byKey: ReadonlyMap<string, RouteFunction>,
  which: 'of clients' | 'all',
): void {
  const keys = which === 'all' ? [...specs.asUser, 'operator'] : specs.commands.map(({ key }) => key);
  const functions = keys.map((key) => [key, byKey.get(key)?.function] as const);
  route.allow(
    ['lambda:InvokeFunction'],
    functions.flatMap(([, each]) => each?.functionArn ?? []),
  );
  const names = Object.fromEntries(functions.map(([type, each]) => [type, each?.functionName]));
  route.function.addEnvironment('FUNCTIONS', Stack.of(route).toJsonString(names));
}

/** A function's id: its row's name with a capital. */
const idOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
