import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { type IFunction, Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { buildSync } from 'esbuild';
import { ConfigError, check } from './config.ts';
import { RouteFunction } from './route-function.ts';
import { temporaryFolder } from './temporary.ts';

/**
 * The function of `-c beforeSend=…`: one that exists, by its ARN, or one that is made of a file of JavaScript or TypeScript.
 * @param names the variables of this process that a function made of a file gets
 * @throws ConfigError
 */
export function beforeSendBy(scope: Construct, given: string, names: readonly string[] = []): IFunction {
  if (given.startsWith('arn:')) {
    check(names.length === 0, '-c beforeSendEnv=…: the function of an ARN has variables of its own');
    const isFunction = /^arn:aws[\w-]*:lambda:[^:]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(given);
    check(isFunction, `-c beforeSend=${given}: must be the ARN of a function, or a file`);
    return Lambda.fromFunctionArn(scope, 'BeforeSend', given);
  }
  return new RouteFunction(scope, 'BeforeSend', {
    code: bundled(given),
    description: 'Parley: decides about messages before they are stored',
    memory: 512,
    timeout: Duration.seconds(10),
    retention: RetentionDays.TWO_WEEKS,
    environment: Object.fromEntries(names.map((name) => [name, variable(name)])),
  }).function;
}

/** @throws ConfigError if it is not set, or is none that a function may have */
function variable(name: string): string {
  // Source: "Defined runtime environment variables", Lambda's developer guide.
  const isFree = /^[A-Za-z]\w+$/.test(name) && !/^(AWS_|LAMBDA_|TZ$)/.test(name);
  check(isFree, `-c beforeSendEnv: ${JSON.stringify(name)} can't be the name of a variable of a function`);
  const value = process.env[name];
  check(
    value !== undefined,
    `-c beforeSendEnv: the variable ${name} is not set: ${name}=… before the command`,
  );
  return value;
}

/** @returns the folder with the bundle of a file that exports `handler` @throws ConfigError */
function bundled(file: string): string {
  const path = resolve(file);
  check(existsSync(path), `-c beforeSend=${file}: there is no such file, and it is no ARN of a function`);
  const folder = temporaryFolder();
  const { errors } = build(path, join(folder, 'index.mjs'));
  const [first] = errors;
  if (first !== undefined) throw new ConfigError(`-c beforeSend=${file}: ${first.text}`);
  return folder;
}

function build(path: string, outfile: string) {
  try {
    return buildSync({
      stdin: {
        contents: `import * as given from ${JSON.stringify(path)};\nexport const handler = given.handler;\n`,
        resolveDir: process.cwd(),
      },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      // Without a handler it would fail at its first message.
      logOverride: { 'import-is-undefined': 'error' },
      // For CommonJS in what it imports.
      banner: {
        js: `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`,
      },
      logLevel: 'silent',
    });
  } catch (error) {
    return error as { errors: { text: string }[] };
  }
}
