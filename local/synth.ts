import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');

// All that the template and the bundles are made of.
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
const KEPT = 8;
const ABANDONED_MS = 10 * 60_000;

/** What to synthesize. */
interface SynthOptions {
  /** As in `cdk deploy -c key=value`. */
  context?: Readonly<Record<string, string>>;
  /** Called if it takes some seconds, because something changed. */
  onStart?: () => void;
}

/**
 * Synthesizes the CDK app, unless it was synthesized from the same sources before.
 * @returns the folder with the template and the functions' code
 * @throws Error with what the CDK says
 */
export async function ensureAssembly({ context = {}, onStart }: SynthOptions = {}): Promise<string> {
  const assembly = join(cache, `assembly-${fingerprint(context)}`);
  if (existsSync(assembly)) {
    // Of those that are not used any more, the oldest go.
    const now = new Date();
    utimesSync(assembly, now, now);
    return assembly;
  }
  onStart?.();
  mkdirSync(cache, { recursive: true });
  // Elsewhere first, so that nobody sees half an assembly, and `cdk.out` stays the CDK's own.
  const output = mkdtempSync(join(cache, 'synth-'));
  try {
    await synthesize(output, context);
    publish(output, assembly);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
  prune();
  return assembly;
}

/** Another process may have been faster; its assembly is as good. */
function publish(output: string, assembly: string): void {
  try {
    renameSync(output, assembly);
  } catch (error) {
    if (!existsSync(assembly)) throw error;
  }
}

function fingerprint(context: object): string {
  const hash = createHash('sha256').update(JSON.stringify(context));
  for (const file of SOURCES.flatMap((source) => filesIn(join(root, source)))) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

const filesIn = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .flatMap((name) => filesIn(join(path, name)))
    : [path];

function synthesize(output: string, context: Readonly<Record<string, string>>): Promise<void> {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const flags = [
    'synth',
    '--quiet',
    '--no-notices',
    '--output',
    output,
    ...Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
  // Validation costs seconds; `cdk synth`, `cdk deploy` and the tests do it.
  const env = { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_VALIDATION: 'false' };
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cdk, ...flags], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: the CLI starts the app by a shell, and passes no signal on.
      detached: true,
    });
    const abandon = () => {
      killGroup(child.pid);
      rmSync(output, { recursive: true, force: true });
    };
    process.once('exit', abandon);
    child.once('close', () => process.off('exit', abandon));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.on('error', fail);
    child.on('exit', (code) =>
      code === 0 ? done() : fail(new Error(`The CDK app does not synthesize:\n${said}`)),
    );
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Old assemblies go, but for the newest few: other branches and contexts. */
function prune(): void {
  const byAge = readdirSync(cache)
    .filter((name) => name.startsWith('assembly-'))
    .map((name) => ({ path: join(cache, name), at: statSync(join(cache, name)).mtimeMs }))
    .sort((one, other) => other.at - one.at);
  for (const { path } of byAge.slice(KEPT)) rmSync(path, { recursive: true, force: true });
  // Of processes that were killed in the middle.
  for (const name of readdirSync(cache).filter((each) => each.startsWith('synth-'))) {
    const path = join(cache, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}
