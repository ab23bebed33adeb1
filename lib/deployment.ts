import type { Node } from 'constructs';
import { demand } from './context.ts';
import type { Sample } from './settings.ts';

/** Which of several deployments in an account this is, and where it can be reached. */
export interface Deployment {
  /** Of the stack. */
  name: string;
  /** `prod` keeps its data. */
  stage: 'dev' | 'prod';
  /** A domain of one's own, with the certificate for it. */
  domain?: { name: string; certificate: string };
  /**
   * How many messages are handled at once, at most, and whatever else the account does; absent, as many as it can. A new
   * account has nothing to reserve, and its first deployment would fail.
   */
  sendConcurrency?: number;
}

/** All of the context but the settings of lib/settings.ts. */
export const deploymentSettings = {
  name: { sample: 'acme' },
  stage: { sample: 'prod' },
  domain: { sample: 'chat.example.com', needs: ['certificate'] },
  certificate: { sample: 'arn:aws:acm:us-east-1:123456789012:certificate/1', needs: ['domain'] },
  sendConcurrency: { sample: '5' },
  web: { sample: 'true' },
  alarms: { sample: 'true' },
  alarmEmail: { sample: 'ops@example.com' },
  accessLogs: { sample: 'true' },
} satisfies Readonly<Record<string, Sample>>;

/**
 * The deployment that the context asks for: `-c name=… -c stage=… -c domain=… -c certificate=… -c sendConcurrency=…`.
 * @throws BadContext that names what makes no sense
 */
export function deploymentOf(node: Node): Deployment {
  const given = (key: string): string | undefined => {
    const value: unknown = node.tryGetContext(key);
    return value === undefined ? undefined : String(value);
  };
  const stage = given('stage') ?? 'dev';
  // A stage that is nearly `prod` would be one without its protection.
  demand(
    stage === 'dev' || stage === 'prod',
    `-c stage=${stage}: must be dev or prod; -c name=… tells services apart`,
  );
  const name = given('name') ?? 'Parley';
  const isName = /^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(name);
  demand(isName, `-c name=${name}: a name is a letter, then up to 62 letters, digits and dashes`);
  // It would be the same stack as another's `prod`.
  demand(!name.endsWith('-prod'), `-c name=${name}: -prod is added by -c stage=prod`);
  return {
    name: stage === 'dev' ? name : `${name}-${stage}`,
    stage,
    ...domainOf(given('domain'), given('certificate')),
    ...concurrencyOf(given('sendConcurrency') ?? 'off'),
  };
}

function domainOf(domain?: string, certificate?: string): Pick<Deployment, 'domain'> {
  if (domain === undefined && certificate === undefined) return {};
  demand(domain !== undefined, '-c certificate=… needs -c domain=…: what the certificate is for');
  demand(
    certificate !== undefined,
    `-c domain=${domain} needs -c certificate=…: the ARN of its certificate in ACM, in this region`,
  );
  demand(/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(domain), `-c domain=${domain}: must be like chat.example.com`);
  demand(
    /^arn:aws[\w-]*:acm:/.test(certificate),
    `-c certificate=${certificate}: must be the ARN of a certificate in ACM, in this region`,
  );
  return { domain: { name: domain, certificate } };
}

function concurrencyOf(text: string): Pick<Deployment, 'sendConcurrency'> {
  if (text === 'off') return {};
  demand(/^[1-9]\d{0,4}$/.test(text), `-c sendConcurrency=${text}: must be a whole number from 1, or off`);
  return { sendConcurrency: Number(text) };
}
