import { arn } from './aws.ts';
import { glob } from './glob.ts';
import type { Value } from './intrinsics.ts';
import type { RouteModel } from './model.ts';

type Properties = Record<string, Value>;

/** All resources of a type, with their properties resolved. */
export type Resources = (type: string) => [id: string, properties: Properties][];

/**
 * The routes of the API.
 * @throws Error for a route that can't work: without a function, or without permission to invoke it
 */
export const readRoutes = (apiId: string, all: Resources): RouteModel[] =>
  all('AWS::ApiGatewayV2::Route').map(([id, properties]) => {
    const key = String(properties.RouteKey);
    const [, integration] = find(all, 'AWS::ApiGatewayV2::Integration', properties.Target) ?? [];
    const functionId = functionOf(integration?.IntegrationUri);
    if (functionId === undefined) throw new Error(`The route ${key} has no Lambda function`);
    checkPermission(all, functionId, `${apiId}/stage/${key}`, `the route ${key}`);
    // The service sends a response only if the route selects one, too.
    const response =
      properties.RouteResponseSelectionExpression === '$default' &&
      all('AWS::ApiGatewayV2::RouteResponse').some(([, { RouteId }]) => RouteId === id);
    const { AuthorizationType: authorization = 'NONE' } = properties;
    if (authorization !== 'NONE')
      throw new Error(
        `The local cloud does not support the authorization ${authorization} of the route ${key}`,
      );
    return { key, functionId, response };
  });

/** The id in a reference to another resource: the whole reference, or the end of its path. */
const find = (all: Resources, type: string, reference: Value | undefined) =>
  all(type).find(([id]) => id === String(reference).split('/').at(-1));

/** The function in `arn:aws:apigateway:…:function:Name/invocations`. */
const functionOf = (uri: Value | undefined): string | undefined =>
  /:function:([^/]+)\/invocations$/.exec(String(uri))?.[1];

/** Fails early: on AWS, a route without this permission answers every request with an error. */
function checkPermission(all: Resources, functionId: string, source: string, what: string): void {
  if (!mayInvoke(all, functionId, 'apigateway.amazonaws.com', arn('execute-api', source)))
    throw new Error(`API Gateway may not invoke ${functionId} for ${what}: no permission`);
}

/** Whether a permission lets a service invoke a function for a resource. */
export function mayInvoke(all: Resources, functionId: string, service: string, sourceArn: string): boolean {
  const names = [functionId, arn('lambda', `function:${functionId}`)];
  return all('AWS::Lambda::Permission').some(
    ([, { FunctionName, Principal, SourceArn }]) =>
      names.includes(String(FunctionName)) &&
      Principal === service &&
      glob(String(SourceArn)).test(sourceArn),
  );
}
