import { Duration } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Construct, Node } from 'constructs';
import { beforeSendBy } from './before-send-file.ts';
import { check, stageOf } from './config.ts';
import { pageConfigIn } from './page-config.ts';
import type { ParleyProps } from './parley.ts';
import { propsOf } from './props.ts';
import { type DeploymentSetting, deploymentSettings, settings } from './settings.ts';
import { rejectUnknown, stackNameOf } from './stack-name.ts';

// The one file that reads the app's context: `cdk deploy -c name=value`.

/** Reads a setting of the deployment. @throws ConfigError */
type Read = (text: string, all: Readonly<Record<string, string>>, scope: Construct) => ParleyProps;

// One for each, so that none is forgotten.
const readers: Readonly<Record<DeploymentSetting, Read>> = {
  // Of the stack, and by that of what it measures.
  name: () => ({}),
  stage: (stage) => ({ stage: stageOf(stage) }),
  domain: (name, { certificate }, scope) => {
    check(
      certificate !== undefined,
      `-c domain=${name} needs -c certificate=…: the ARN of its certificate in ACM, in this region`,
    );
    check(
      /^arn:aws[\w-]*:acm:/.test(certificate),
      `-c certificate=${certificate}: must be the ARN of a certificate in ACM, in this region`,
    );
    check(/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(name), `-c domain=${name}: must be like chat.example.com`);
    return {
      domain: { name, certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificate) },
    };
  },
  certificate: (_, { domain }) => {
    check(domain !== undefined, '-c certificate=… needs -c domain=…: what the certificate is for');
    return {};
  },
  sendConcurrency: (text) => {
    if (text === 'off') return {};
    check(/^[1-9]\d{0,4}$/.test(text), `-c sendConcurrency=${text}: must be a whole number from 1, or off`);
    return { sendConcurrency: Number(text) };
  },
  web: (text) => ({ web: isTrue('web', text) }),
  pageHosts: (text) => (text === 'off' ? {} : { pageHosts: text.split(',') }),
  pictureHosts: (text) => (text === 'off' ? {} : { pictureHosts: text.split(',') }),
  webPush: (text) => (text === 'off' ? {} : { webPush: text }),
  events: (text) => ({ events: isTrue('events', text) }),
  eventContent: (text, { events }) => {
    const eventContent = isTrue('eventContent', text);
    check(events === 'true', `-c eventContent=${text} needs -c events=true`);
    return { eventContent };
  },
  beforeSend: (text, { beforeSendEnv }, scope) => ({
    beforeSend: beforeSendBy(scope, text, beforeSendEnv?.split(',')),
  }),
  // Of the function that it makes.
  beforeSendEnv: (text, { beforeSend }) => {
    check(beforeSend !== undefined, `-c beforeSendEnv=${text} needs -c beforeSend=…`);
    return {};
  },
  beforeSendTimeout: (text, { beforeSend }) => {
    check(beforeSend !== undefined, `-c beforeSendTimeout=${text} needs -c beforeSend=…`);
    check(
      /^(10|(?=.*[1-9])\d(\.\d{1,3})?)$/.test(text),
      `-c beforeSendTimeout=${text}: must be a number of seconds above 0, up to 10`,
    );
    return { beforeSendTimeout: Duration.millis(Math.round(Number(text) * 1_000)) };
  },
  beforeSendFails: (text, { beforeSend }) => {
    check(beforeSend !== undefined, `-c beforeSendFails=${text} needs -c beforeSend=…`);
    check(text === 'open' || text === 'closed', `-c beforeSendFails=${text}: must be open or closed`);
    return { beforeSendFails: text };
  },
  alarms: (text) => ({ alarms: isTrue('alarms', text) }),
  alarmEmail: (alarmEmail) => {
    check(/^\S+@\S+\.\S+$/.test(alarmEmail), `-c alarmEmail=${alarmEmail}: must be an email address`);
    return { alarmEmail };
  },
  accessLogs: (text) => ({ accessLogs: isTrue('accessLogs', text) }),
};

/** @throws ConfigError if the value is neither true nor false */
function isTrue(name: DeploymentSetting, text: string): boolean {
  check(['true', 'false'].includes(text), `-c ${name}=${text}: must be true or false`);
  return text === 'true';
}

/** What the context says of all settings, as text. */
function settingsIn(node: Node): Record<string, string> {
  const all = Object.keys({ ...settings, ...deploymentSettings }).map((name) => [
    name,
    node.tryGetContext(name),
  ]);
  return Object.fromEntries(
    all.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/**
 * The name of the stack: `-c name=…`, and `-prod` for that stage.
 * @throws ConfigError for an unknown or invalid setting of the context
 */
export function stackNameIn(node: Node): string {
  rejectUnknown(Object.keys(node.getAllContext()));
  return stackNameOf(settingsIn(node));
}

/**
 * The props that the context of a stack says.
 * @param scope what is needed to read them is created in it
 * @throws ConfigError that names the invalid setting
 */
export function propsIn(scope: Construct): ParleyProps {
  const all = settingsIn(scope.node);
  // Here the errors call the settings as they were written.
  pageConfigIn(all);
  const parts = Object.entries(readers).map(([name, read]) =>
    all[name] === undefined ? {} : read(all[name], all, scope),
  );
  return Object.assign(
    propsOf((name) => all[name]),
    ...parts,
  );
}
