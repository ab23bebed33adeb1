import { type Assembly, assemblyOf, type Resource, type Template } from './assembly.ts';
import { arn, pseudo } from './aws.ts';
import { functionName } from './function-name.ts';
import { resolve, type Scope, type Value } from './intrinsics.ts';
import type { CloudModel, FeedModel, FunctionModel, QueueModel, Statement, TableModel } from './model.ts';
import { statementsOf } from './policy.ts';
import { readRoutes } from './routes.ts';
import { busesIn, rulesIn } from './rules.ts';
import { readsStream, streamFeedOf } from './stream-feeds.ts';

type Properties = Record<string, Value>;

// Resource types that have no effect on a single machine.
const WITHOUT_EFFECT = new Set([
  'AWS::CDK::Metadata',
  'AWS::Logs::LogGroup',
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::Deployment',
  'AWS::ApiGatewayV2::DomainName',
]);
const KNOWN = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::RouteResponse',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::Events::ApiDestination',
  'AWS::Events::Connection',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::SQS::Queue',
  // What it denies without TLS has no effect here.
  'AWS::SQS::QueuePolicy',
]);

/**
 * Reads a stack.
 * @param assembly or its folder
 * @param callbackUrl replaces `https://{api}.execute-api.{region}.amazonaws.com`
 * @param queueUrl replaces `https://sqs.{region}.amazonaws.com/{account}`
 * @throws Error if the template cannot run: an unknown intrinsic, a route without the right to invoke its function
 */
export function readTemplate(
  assembly: string | Assembly,
  callbackUrl: string,
  queueUrl = callbackUrl,
): CloudModel {
  return new Reader(assemblyOf(assembly), { callbackUrl, queueUrl }).read();
}

interface Urls {
  callbackUrl: string;
  queueUrl: string;
}

class Reader {
  readonly #template: Template;
  readonly #resources: Record<string, Resource>;
  readonly #folderOf: Assembly['folderOf'];
  readonly #urls: Urls;

  constructor({ template, folderOf }: Assembly, urls: Urls) {
    this.#template = template;
    this.#resources = Object.fromEntries(
      Object.entries(template.Resources).filter(
        ([, { Condition }]) => Condition === undefined || this.#scope.condition(Condition),
      ),
    );
    this.#folderOf = folderOf;
    this.#urls = urls;
  }

  read(): CloudModel {
    const [[apiId, api] = []] = this.#all('AWS::ApiGatewayV2::Api');
    if (apiId === undefined || api?.ProtocolType !== 'WEBSOCKET')
      throw new Error('The template has no WebSocket API');
    const [[, stage] = []] = this.#all('AWS::ApiGatewayV2::Stage');
    const functions = this.#all('AWS::Lambda::Function').map(([id, properties]) =>
      this.#function(id, properties),
    );
    const all = (type: string) => this.#all(type);
    const mappings = this.#all('AWS::Lambda::EventSourceMapping');
    const types = Object.values(this.#resources).map(({ Type }) => Type);
    return {
      apiId,
      stage: String(stage?.StageName ?? '$default'),
      selection: selectionPath(String(api.RouteSelectionExpression)),
      routes: readRoutes(apiId, all),
      throttles: throttlesOf(stage ?? {}),
      functions,
      tables: [...this.#all('AWS::DynamoDB::Table'), ...this.#all('AWS::DynamoDB::GlobalTable')].map(
        ([id, properties]) => this.#table(id, properties),
      ),
      queues: this.#all('AWS::SQS::Queue').map(([id, properties]) => queueOf(id, properties)),
      feeds: mappings.flatMap(([, properties]) => (readsStream(properties) ? [] : feedOf(properties))),
      streamFeeds: mappings.flatMap(([id, properties]) =>
        readsStream(properties) ? streamFeedOf(id, properties) : [],
      ),
      buses: busesIn(all),
      rules: rulesIn(all, (role) => this.#statementsOf(role)),
      output: (name) => {
        const { Value } = this.#template.Outputs?.[name] ?? {};
        return Value === undefined ? undefined : String(this.#resolve(Value));
      },
      ignored: [...new Set(types)].filter((type) => !KNOWN.has(type) && !WITHOUT_EFFECT.has(type)),
    };
  }

  #all(type: string): [id: string, properties: Properties][] {
    return Object.entries(this.#resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, resource]) => [id, this.#resolve(resource.Properties ?? {}) as Properties]);
  }

  #resolve(value: Value): Value {
    return resolve(value, this.#scope);
  }

  readonly #scope: Scope = {
    ref: (name) => {
      const known = pseudo[name];
      if (known !== undefined) return known;
      const parameter = this.#template.Parameters?.[name];
      if (parameter) return parameter.Default ?? '';
      const resource = this.#resources[name];
      if (resource === undefined) throw new Error(`The template refers to ${name}, which it does not have`);
      return resource.Type === 'AWS::SQS::Queue'
        ? `${this.#urls.queueUrl}/${name}`
        : physicalName(name, resource);
    },
    attribute: (id, attribute) => {
      const resource = this.#resources[id];
      if (resource === undefined) throw new Error(`The template refers to ${id}, which it does not have`);
      if (attribute === 'StreamArn') return streamArnOf(arnOf(id, resource.Type));
      if (attribute !== 'Arn' && attribute !== 'ArnForPolicy') return `${id}.${attribute}`;
      return arnOf(physicalName(id, resource), resource.Type);
    },
    condition: (name) => {
      const condition = this.#template.Conditions?.[name];
      if (condition === undefined)
        throw new Error(`The template refers to the condition ${name}, which it does not have`);
      return this.#resolve(condition) === true;
    },
  };

  #function(id: string, properties: Properties): FunctionModel {
    const folder = this.#folderOf(properties.Code);
    if (folder === undefined) throw new Error(`${id}: its code is not in this assembly`);
    const variables = ((properties.Environment as Properties | undefined)?.Variables ?? {}) as Properties;
    return {
      id,
      name: functionName(id),
      arn: arnOf(id, 'AWS::Lambda::Function'),
      folder,
      handler: String(properties.Handler),
      memory: Number(properties.MemorySize ?? 128),
      timeout: Number(properties.Timeout ?? 3) * 1_000,
      environment: Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, this.#localized(String(value))]),
      ),
      statements: this.#statementsOf(String(properties.Role)),
    };
  }

  /** Replaces the address of the management API, the one value that differs from AWS. */
  #localized(value: string): string {
    return value.replace(/^https:\/\/[^./]+\.execute-api\.[^./]+\.amazonaws\.com/, this.#urls.callbackUrl);
  }

  #statementsOf(roleArn: string): Statement[] {
    const inline = this.#all('AWS::IAM::Role')
      .filter(([id]) => arnOf(id, 'AWS::IAM::Role') === roleArn)
      .flatMap(([, role]) => (role.Policies ?? []) as Properties[]);
    const roleName = roleArn.split('/').at(-1) ?? '';
    const attached = [...this.#all('AWS::IAM::Policy'), ...this.#all('AWS::IAM::ManagedPolicy')]
      .map(([, policy]) => policy)
      .filter(({ Roles }) => (Roles as string[] | undefined)?.includes(roleName));
    return [...inline, ...attached].flatMap(({ PolicyDocument }) =>
      statementsOf(PolicyDocument as Properties),
    );
  }

  #table(id: string, properties: Properties): TableModel {
    const pick = ['AttributeDefinitions', 'KeySchema', 'GlobalSecondaryIndexes', 'LocalSecondaryIndexes'];
    const create = Object.fromEntries(
      pick.flatMap((name) => (properties[name] ? [[name, properties[name]]] : [])),
    );
    const view = (properties.StreamSpecification as Properties | undefined)?.StreamViewType;
    const ttl = properties.TimeToLiveSpecification as
      | { AttributeName?: string; Enabled?: boolean }
      | undefined;
    return {
      name: id,
      arn: arn('dynamodb', `table/${id}`),
      create: { TableName: id, BillingMode: 'PAY_PER_REQUEST', ...create },
      ttl: ttl?.Enabled ? ttl.AttributeName : undefined,
      ...(view !== undefined && {
        stream: { view: String(view), arn: streamArnOf(arn('dynamodb', `table/${id}`)) },
      }),
    };
  }
}

function queueOf(id: string, properties: Properties): QueueModel {
  const { deadLetterTargetArn, maxReceiveCount } = (properties.RedrivePolicy ?? {}) as Properties;
  return {
    id,
    arn: arnOf(id, 'AWS::SQS::Queue'),
    visibility: Number(properties.VisibilityTimeout ?? 30) * 1_000,
    ...(deadLetterTargetArn !== undefined && {
      failed: { arn: String(deadLetterTargetArn), after: Number(maxReceiveCount) },
    }),
  };
}

const feedOf = (properties: Properties): FeedModel => ({
  queueArn: String(properties.EventSourceArn),
  functionId: String(properties.FunctionName),
  batch: Number(properties.BatchSize ?? 10),
  concurrency: Number((properties.ScalingConfig as Properties | undefined)?.MaximumConcurrency ?? 1_000),
  partial: ((properties.FunctionResponseTypes ?? []) as string[]).includes('ReportBatchItemFailures'),
});

/** On AWS it ends with the time at which the stream was enabled. */
const streamArnOf = (tableArn: string): string => `${tableArn}/stream/local`;

// Names that clients see: a stage's in the URL, a bus's in calls to it.
const NAMES: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Stage': 'StageName',
  'AWS::Events::EventBus': 'Name',
};

/** A resource is named by its logical id here, unless clients see its name. */
const physicalName = (id: string, { Type, Properties }: Resource): string =>
  String(Properties?.[NAMES[Type] ?? ''] ?? id);

const EVENTS: Readonly<Record<string, string>> = {
  'AWS::Events::ApiDestination': 'api-destination',
  'AWS::Events::Connection': 'connection',
  'AWS::Events::EventBus': 'event-bus',
  'AWS::Events::Rule': 'rule',
};

function arnOf(id: string, type: string): string {
  if (type.startsWith('AWS::DynamoDB::')) return arn('dynamodb', `table/${id}`);
  if (type === 'AWS::Lambda::Function') return arn('lambda', `function:${id}`);
  if (type === 'AWS::SQS::Queue') return arn('sqs', id);
  if (type === 'AWS::IAM::Role') return arn('iam', `role/${id}`);
  const event = EVENTS[type];
  if (event !== undefined) return arn('events', `${event}/${id}`);
  if (type === 'AWS::Logs::LogGroup') return arn('logs', `log-group:${id}:*`);
  return arn('local', id);
}

function selectionPath(expression: string): string[] {
  const [, path] = /^\$\{?request\.body\.([\w.]+)\}?$/.exec(expression) ?? [];
  if (path === undefined)
    throw new Error(`The local cloud does not support the route selection ${expression}`);
  return path.split('.');
}

interface RouteSettings {
  ThrottlingRateLimit?: number;
  ThrottlingBurstLimit?: number;
}

function throttlesOf({ DefaultRouteSettings, RouteSettings = {} }: Properties): CloudModel['throttles'] {
  const rateOf = ({ ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst }: RouteSettings) =>
    rate === undefined || burst === undefined ? undefined : { rate: Number(rate), burst: Number(burst) };
  const all = rateOf((DefaultRouteSettings ?? {}) as RouteSettings);
  const routes = Object.entries(RouteSettings as Record<string, RouteSettings>).flatMap(([key, settings]) => {
    const rate = rateOf(settings);
    return rate ? [[key, rate] as const] : [];
  });
  return { ...(all && { all }), routes: Object.fromEntries(routes) };
}
