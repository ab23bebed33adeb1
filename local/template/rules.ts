import { AGE_MS, RETRIES } from '../events/all-to.ts';
import { checkPattern } from '../events/pattern.ts';
import { isAllowed } from '../iam.ts';
import { arn } from './aws.ts';
import { glob } from './glob.ts';
import type { Value } from './intrinsics.ts';
import type { BusModel, HttpTarget, Pattern, RuleModel, Statement, TargetModel } from './model.ts';
import { mayInvoke, type Resources } from './routes.ts';

type Properties = Record<string, Value>;

const EVENTS = 'events.amazonaws.com';

const eventsArn = (resource: string): string => arn('events', resource);

/** The buses of a template, and the account's own. */
export const busesIn = (all: Resources): BusModel[] =>
  [
    'default',
    ...all('AWS::Events::EventBus').map(([id, { Name }]) => (Name === undefined ? id : String(Name))),
  ].map((name) => ({ name, arn: eventsArn(`event-bus/${name}`) }));

/**
 * The rules for events. Those of a schedule are left out.
 * @param statementsOf returns the statements of a role
 * @throws Error for a target that can't work, unknown or without permission, and for an unsupported pattern
 */
export const rulesIn = (all: Resources, statementsOf: (roleArn: string) => Statement[]): RuleModel[] =>
  all('AWS::Events::Rule')
    .filter(([, { State = 'ENABLED', EventPattern }]) => State !== 'DISABLED' && EventPattern !== undefined)
    .map(([id, { EventBusName, EventPattern, Targets = [] }]) => {
      const ruleArn = eventsArn(`rule/${id}`);
      const bus = String(EventBusName ?? 'default');
      checkPattern(EventPattern as Pattern);
      return {
        arn: ruleArn,
        busArn: bus.startsWith('arn:') ? bus : eventsArn(`event-bus/${bus}`),
        pattern: EventPattern as Pattern,
        targets: (Targets as Properties[]).map((target) =>
          new TargetReader(all, statementsOf, id, ruleArn).read(target),
        ),
      };
    });

class TargetReader {
  readonly #all: Resources;
  readonly #statementsOf: (roleArn: string) => Statement[];
  readonly #rule: string;
  readonly #ruleArn: string;

  constructor(all: Resources, statementsOf: (roleArn: string) => Statement[], rule: string, ruleArn: string) {
    this.#all = all;
    this.#statementsOf = statementsOf;
    this.#rule = rule;
    this.#ruleArn = ruleArn;
  }

  read(target: Properties): TargetModel {
    const targetArn = String(target.Arn);
    const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age } = (target.RetryPolicy ??
      {}) as Properties;
    const failed = (target.DeadLetterConfig as Properties | undefined)?.Arn;
    if (failed !== undefined) this.#checkQueue(String(failed));
    if (target.InputTransformer !== undefined)
      throw new Error(`The rule ${this.#rule}: the local cloud does not support input transformers`);
    return {
      id: `${this.#rule}-${String(target.Id)}`,
      arn: targetArn,
      to: this.#destination(targetArn, target),
      ...inputOf(target),
      retries: Number(retries ?? RETRIES),
      age: age === undefined ? AGE_MS : Number(age) * 1_000,
      ...(failed !== undefined && { failedArn: String(failed) }),
    };
  }

  #destination(targetArn: string, target: Properties): TargetModel['to'] {
    const [, , service, , , ...resource] = targetArn.split(':');
    if (service === 'sqs') {
      this.#checkQueue(targetArn);
      return { queueArn: targetArn };
    }
    const name = resource.at(-1) ?? '';
    if (service === 'lambda') {
      if (!mayInvoke(this.#all, name, EVENTS, this.#ruleArn))
        throw new Error(`EventBridge may not invoke ${name} for the rule ${this.#rule}: no permission`);
      return { functionId: name };
    }
    if (service === 'events' && name.startsWith('api-destination/')) {
      const call = { action: 'events:InvokeApiDestination', resource: targetArn };
      if (!isAllowed(this.#statementsOf(String(target.RoleArn)), call))
        throw new Error(`The rule ${this.#rule} may not call its API destination: its role lacks the right`);
      return { http: httpOf(this.#all, name.split('/')[1] ?? '', target) };
    }
    throw new Error(`The rule ${this.#rule}: the local cloud does not support the target ${targetArn}`);
  }

  /** Fails early: on AWS, EventBridge drops events for a queue that doesn't let it send. */
  #checkQueue(queueArn: string): void {
    const statements = this.#all('AWS::SQS::QueuePolicy').flatMap(
      ([, { PolicyDocument }]) => [(PolicyDocument as Properties).Statement ?? []].flat() as Properties[],
    );
    if (!statements.some((statement) => lets(statement, queueArn, this.#ruleArn)))
      throw new Error(
        `EventBridge may not send to ${queueArn} for the rule ${this.#rule}: no policy of the queue`,
      );
  }
}

const list = (value: Value | undefined): string[] => [value ?? []].flat().map(String);

/** Whether a statement of a queue's policy lets EventBridge send for a rule. */
function lets(
  { Effect, Principal, Action, Resource, Condition = {} }: Properties,
  queueArn: string,
  ruleArn: string,
): boolean {
  const service = list((Principal as Properties | undefined)?.Service);
  const sources = Object.values(Condition as Record<string, Properties>).flatMap((keys) =>
    list(keys['aws:SourceArn']),
  );
  return (
    Effect === 'Allow' &&
    service.includes(EVENTS) &&
    list(Action).some((action) => glob(action).test('sqs:SendMessage')) &&
    list(Resource).some((resource) => glob(resource).test(queueArn)) &&
    (sources.length === 0 || sources.some((source) => glob(source).test(ruleArn)))
  );
}

function inputOf({ Input, InputPath }: Properties): Pick<TargetModel, 'input'> {
  if (Input !== undefined) return { input: { constant: String(Input) } };
  if (InputPath === undefined || InputPath === '$') return {};
  const [, path] = /^\$\.([\w.-]+)$/.exec(String(InputPath)) ?? [];
  if (path === undefined) throw new Error(`The local cloud does not support the input path ${InputPath}`);
  return { input: { path: path.split('.') } };
}

const resourceOf = (all: Resources, type: string, id: string): Properties => {
  const [, found] = all(type).find(([each]) => each === id) ?? [];
  if (!found) throw new Error(`The template refers to ${id}, which it does not have`);
  return found;
};

interface Parameter {
  Key: string;
  Value: string;
}

/** The request that an API destination gets. Source: "Connections", EventBridge's user guide. */
function httpOf(all: Resources, id: string, target: Properties): HttpTarget {
  const { InvocationEndpoint, HttpMethod, ConnectionArn } = resourceOf(
    all,
    'AWS::Events::ApiDestination',
    id,
  );
  const connectionId = String(ConnectionArn).split('/')[1] ?? '';
  const { AuthorizationType, AuthParameters } = resourceOf(all, 'AWS::Events::Connection', connectionId);
  const auth = (AuthParameters ?? {}) as Record<string, Properties>;
  const { HeaderParameters = {}, QueryStringParameters = {} } = (target.HttpParameters ?? {}) as Record<
    string,
    Record<string, string>
  >;
  const invocation = (auth.InvocationHttpParameters ?? {}) as unknown as Record<
    string,
    Parameter[] | undefined
  >;
  if (invocation.BodyParameters) throw new Error(`${connectionId}: the local cloud adds nothing to bodies`);
  const pairs = (parameters: Parameter[] = []) =>
    Object.fromEntries(parameters.map(({ Key, Value }) => [Key, Value]));
  const url = new URL(String(InvocationEndpoint));
  const query = { ...QueryStringParameters, ...pairs(invocation.QueryStringParameters) };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return {
    url: url.href,
    method: String(HttpMethod),
    // What the connection says wins.
    headers: {
      ...HeaderParameters,
      ...pairs(invocation.HeaderParameters),
      ...credentialOf(connectionId, String(AuthorizationType), auth),
    },
  };
}

function credentialOf(
  connection: string,
  type: string,
  { ApiKeyAuthParameters: key, BasicAuthParameters: basic }: Record<string, Properties>,
): Record<string, string> {
  if (type === 'API_KEY' && key) return { [String(key.ApiKeyName)]: String(key.ApiKeyValue) };
  if (type === 'BASIC' && basic) {
    const pair = Buffer.from(`${basic.Username}:${basic.Password}`).toString('base64');
    return { Authorization: `Basic ${pair}` };
  }
  throw new Error(`${connection}: the local cloud does not support the authorization ${type}`);
}
