import { ApiMapping, DomainName, type WebSocketApi, type WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct } from 'constructs';
import type { ParleyDomain } from './parley.ts';

/**
 * Lets clients connect by a custom domain name. Its DNS record has to be set to `regionalDomainName`.
 */
export function customDomain(
  scope: Construct,
  api: WebSocketApi,
  stage: WebSocketStage,
  { name, certificate }: ParleyDomain,
): DomainName {
  const domainName = new DomainName(scope, 'Domain', {
    domainName: name,
    certificate,
  });
  new ApiMapping(scope, 'Mapping', { api, domainName, stage });
  return domainName;
}
