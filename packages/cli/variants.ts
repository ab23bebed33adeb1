import {
  check,
  checksOrigins,
  environmentOf,
  hasProvider,
  type StageName,
  stageOf,
} from '../../lib/config.ts';
import { pageConfigIn } from '../../lib/page-config.ts';
import { type DeploymentSample, deploymentSettings, settings } from '../../lib/settings.ts';
import { rejectUnknown, stackNameOf } from '../../lib/stack-name.ts';
import type { Template } from '../../local/template/assembly.ts';

// The package has a template for each combination of the settings that change more than the variables of all functions.

/** What a template is made for. */
interface Variant {
  stage: StageName;
  /** Whether users come from an identity provider. */
  provider: boolean;
  /** Whether `$connect` checks origins. */
  origins: boolean;
  /** Whether messages expire. */
  retention: boolean;
  /** Whether events go to a bus. */
  events: boolean;
}

const nameOf = ({ stage, ...others }: Variant): string =>
  [stage, ...Object.entries(others).flatMap(([name, isOn]) => (isOn ? [name] : []))].join('-');

/** All templates: name → the settings to synthesize it with. */
export const variants: ReadonlyMap<string, Readonly<Record<string, string>>> = (() => {
  const both = [false, true];
  const all = (['dev', 'prod'] as const).flatMap((stage) =>
    both.flatMap((provider) =>
      both.flatMap((origins) =>
        both.flatMap((retention) =>
          both.map((events): Variant => ({ stage, provider, origins, retention, events })),
        ),
      ),
    ),
  );
  return new Map(
    all.map((variant) => [
      nameOf(variant),
      {
        stage: variant.stage,
        ...(variant.provider && { jwtIssuer: 'https://issuer.example', jwtAudience: 'chat' }),
        ...(variant.origins && { allowedOrigins: 'https://chat.example' }),
        ...(variant.retention && { retentionDays: '1' }),
        ...(variant.events && { events: 'true' }),
      },
    ]),
  );
})();

/** What context says of a template. */
interface Settings {
  /** The name of the template. */
  variant: string;
  /** The stack's name. */
  name: string;
  /** Variables of all functions. */
  environment: Record<string, string>;
}

/** The settings of a deployment that need no other template. */
const HERE: readonly string[] = ['name', 'stage', 'pageHosts', 'pictureHosts', 'webPush', 'events'];

/** The setting of functions that changes rights, too: a template of its own for each combination would be twice as many. */
const ELSEWHERE = 'batchWindow';

/** @throws ConfigError for settings that are invalid, or only the CDK can make */
export function settingsIn(context: Readonly<Record<string, string>>): Settings {
  rejectUnknown(Object.keys(context));
  const taken = [...HERE, ...Object.keys(settings).filter((key) => key !== ELSEWHERE)].join(', ');
  for (const [key, { off }] of Object.entries<DeploymentSample>(deploymentSettings))
    check(
      HERE.includes(key) || context[key] === undefined || context[key] === off,
      `-c ${key}=…: ${key.startsWith('beforeSend') ? 'this package has its templates built, and a function of yours needs the CDK: start from a checkout of the repository, or deploy with' : 'resources that are only deployed, so the CDK has to make them: use'} the package @parley-chat/cdk. Here, -c takes ${taken}`,
    );
  const elsewhere = context[ELSEWHERE];
  check(
    elsewhere === undefined || elsewhere === settings[ELSEWHERE].default,
    `-c ${ELSEWHERE}=…: it changes the rights of a function, so the CDK has to make them: use the package @parley-chat/cdk. Here, -c takes ${taken}`,
  );
  const name = stackNameOf(context);
  const stage = stageOf(context.stage ?? 'dev');
  const environment = environmentOf((key) => context[key], stage);
  pageConfigIn(context);
  const variant = nameOf({
    stage,
    provider: hasProvider(environment),
    origins: checksOrigins(environment),
    retention: environment.RETENTION_DAYS !== 'off',
    events: isTrue(context.events),
  });
  return { variant, name, environment };
}

/** @throws ConfigError if the value is neither true nor false */
function isTrue(events = 'false'): boolean {
  check(['true', 'false'].includes(events), `-c events=${events}: must be true or false`);
  return events === 'true';
}

/** A template with these settings, in place of those that it was synthesized with. */
export function withSettings(template: Template, { name, environment }: Omit<Settings, 'variant'>): Template {
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    const { Type, Properties = {} } = resource;
    if (Type === 'AWS::ApiGatewayV2::Api')
      return [id, { ...resource, Properties: { ...Properties, Name: name } }];
    if (Type !== 'AWS::Lambda::Function') return [id, resource];
    const { Variables } = Properties.Environment as { Variables: Record<string, never> };
    const all = { ...Variables, ...environment, POWERTOOLS_SERVICE_NAME: name };
    return [id, { ...resource, Properties: { ...Properties, Environment: { Variables: all } } }];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}
