import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { grouped, killGroup } from '../cli/process-group.ts';
import { ensure, root, whileUnchanged } from './cache.ts';

// The sources of the template and the bundles.
const SOURCES = [
  'bin/parley.ts',
  'lib',
  'lambdas',
  'chat',
  'store',
  'protocol',
  'cdk.json',
  'package-lock.json',
  'tsconfig.json',
];

/** Options of a synthesis. */
interface SynthOptions {
  /** CDK context, as in `cdk deploy -c key=value`. */
  context?: Readonly<Record<string, string>>;
  /** Called if the CDK has to run, which takes some seconds. */
  onStart?: () => void;
}

/**
 * Synthesizes the CDK app, unless a result for the same sources is cached. Doesn't touch `cdk.out`.
 * @returns the folder with the template and the functions' code
 * @throws Error with the CDK's output
 */
export function ensureAssembly({ context: given = {}, onStart }: SynthOptions = {}): Promise<string> {
  const { beforeSend, beforeSendEnv } = given;
  const isFile = beforeSend !== undefined && !beforeSend.startsWith('arn:');
  const context = isFile ? { ...given, beforeSend: resolve(beforeSend) } : given;
  return ensure({
    kind: 'assembly',
    sources: SOURCES,
    options: {
      ...context,
      ...(isFile && { code: codeOf(resolve(beforeSend)) }),
      // Their values are in the template.
      ...(beforeSendEnv && { variables: beforeSendEnv.split(',').map((name) => process.env[name]) }),
    },
    make: (output, temporary) =>
      whileUnchanged(ensureBundles, (bundles) => synthesize(output, temporary, context, bundles)),
    onStart,
  });
}

/** @returns the folder that keeps the functions' bundles while their sources are unchanged: a synthesis adds what it lacks */
export const ensureBundles = (): Promise<string> =>
  ensure({ kind: 'bundles', sources: SOURCES, make: async () => {} });

/** What a file becomes with all that it imports, which is no source of ours. The synthesis says what is wrong with it. */
function codeOf(file: string): string {
  try {
    const options = {
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      write: false,
    } as const;
    return buildSync({ entryPoints: [file], outdir: '.', ...options })
      .outputFiles.map(({ text }) => text)
      .join('');
  } catch {
    return '';
  }
}

function synthesize(
  output: string,
  temporary: string,
  context: Readonly<Record<string, string>>,
  bundles: string,
): Promise<void> {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const flags = [
    'synth',
    '--quiet',
    '--no-notices',
    '--output',
    output,
    ...Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
  // The process may be killed at any time, so its files must be in folders that are cleaned up. Validation costs seconds and is left to `cdk synth`, `cdk deploy` and the tests.
  const env = {
    ...process.env,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_VALIDATION: 'false',
    PARLEY_BUNDLES: bundles,
    TMPDIR: temporary,
  };
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cdk, ...flags], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // The CLI starts the app in a shell and doesn't pass signals on.
      ...grouped,
    });
    const abandon = () => killGroup(child);
    // Killed before its folders are removed, since it would write into them again.
    process.prependOnceListener('exit', abandon);
    child.once('close', () => process.off('exit', abandon));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.on('error', fail);
    child.on('exit', (code) =>
      code === 0 ? done() : fail(new Error(`The CDK app does not synthesize:\n${said}`)),
    );
  });
}
