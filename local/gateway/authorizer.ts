import { isAllowed } from '../iam.ts';
import { InvocationError } from '../lambda/instance.ts';
import { arn } from '../template/aws.ts';
import type { Value } from '../template/intrinsics.ts';
import type { AuthorizerModel, IdentitySource } from '../template/model.ts';
import { statementsOf } from '../template/policy.ts';
import type { eventOf, Handshake } from './events.ts';

type RequestContext = ReturnType<typeof eventOf>['requestContext'];

/** What the authorizer's function gets (API Gateway's guide, "REQUEST authorizers" of WebSocket APIs). */
export type AuthorizerEvent = ReturnType<typeof authorizerEvent>;

interface Asked {
  handshake: Handshake;
  requestContext: RequestContext;
}

interface Answer {
  principalId: string;
  policyDocument: Record<string, Value>;
  context?: Record<string, unknown>;
}

/**
 * Whether a connection may be opened, as a Lambda authorizer has it.
 * @param ask runs its function
 * @returns what every event of the connection tells of it, or the status to refuse the handshake with
 */
export async function authorize(
  { identitySources }: AuthorizerModel,
  asked: Asked,
  ask: (event: AuthorizerEvent) => Promise<unknown>,
): Promise<Record<string, string> | number> {
  if (!identitySources.every((source) => isGiven(source, asked.handshake))) return 401;
  const event = authorizerEvent(asked);
  try {
    const { principalId, policyDocument, context = {} } = checked(await ask(event));
    const call = { action: 'execute-api:Invoke', resource: event.methodArn };
    if (!isAllowed(statementsOf(policyDocument), call)) return 403;
    return { principalId, ...texts(context) };
  } catch (error) {
    // The one word by which a function says that it does not know the caller; all else is its own failure.
    return error instanceof InvocationError && error.thrown === 'Unauthorized' ? 401 : 500;
  }
}

function isGiven(
  { place, name }: IdentitySource,
  { headers, queryStringParameters = {} }: Handshake,
): boolean {
  if (place === 'query') return Boolean(queryStringParameters[name]);
  return Object.entries(headers).some(
    ([each, value]) => each.toLowerCase() === name.toLowerCase() && value !== '',
  );
}

function authorizerEvent({ handshake, requestContext }: Asked) {
  const { apiId, stage, routeKey } = requestContext;
  return {
    type: 'REQUEST' as const,
    methodArn: arn('execute-api', `${apiId}/${stage}/${routeKey}`),
    // The guide's own function reads them without a look whether they are there.
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    ...handshake,
    stageVariables: {},
    requestContext,
  };
}

function checked(answer: unknown): Answer {
  const { principalId, policyDocument, context } = (answer ?? {}) as Partial<Answer>;
  if (typeof principalId !== 'string' || typeof policyDocument !== 'object' || policyDocument === null)
    throw new Error('No answer of an authorizer');
  return { principalId, policyDocument, context };
}

/** @throws Error for a value that is no text, number or boolean: the service takes no others */
function texts(context: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(context).map(([key, value]) => {
      if (!['string', 'number', 'boolean'].includes(typeof value)) throw new Error(`No text: ${key}`);
      return [key, String(value)];
    }),
  );
}
