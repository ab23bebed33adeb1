import { CfnOutput } from 'aws-cdk-lib';
import { ApiMapping, DomainName, type WebSocketApi, type WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Construct } from 'constructs';
import type { Deployment } from './config.ts';

/**
 * Lets clients connect by a custom domain name. Its DNS record has to be set by hand.
 * @returns the URL
 */
export function customDomain(
  scope: Construct,
  api: WebSocketApi,
  stage: WebSocketStage,
  { name, certificate }: NonNullable<Deployment['domain']>,
): string {
  const domainName = new DomainName(scope, 'Domain', {
    domainName: name,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificate),
  });
  new ApiMapping(scope, 'Mapping', { api, domainName, stage });
  new CfnOutput(scope, 'DomainTarget', {
    value: domainName.regionalDomainName,
    description: `CNAME target for ${name}`,
  });
  return `wss://${name}`;
}
