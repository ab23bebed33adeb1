import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type DeploymentSample, deploymentSettings } from '../../lib/settings.ts';
import { startCloud } from '../../local/cloud.ts';
import { plainOf } from '../../local/template/plain.ts';
import { settingsIn, withSettings } from '../../packages/cli/variants.ts';
import { connect } from '../support/client.ts';
import { type Context, combined, single } from '../support/contexts.ts';
import { synthesize } from '../support/synthesize.ts';
import { packed } from './packed.ts';

// As somebody has it who has no checkout: an empty folder, and the tarball.

const project = await mkdtemp(join(tmpdir(), 'chat-'));
const { tarball, version } = await packed('cli', project);
await writeFile(join(project, 'package.json'), '{"private":true}');
await promisify(execFile)('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], {
  cwd: project,
  shell: process.platform === 'win32',
});
const installed = join(project, 'node_modules/parley-chat');
const [[, program = ''] = []] = Object.entries(manifest(installed).bin);

function manifest(folder: string): { bin: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Starts `npx parley-chat` with these arguments. */
function start(...args: string[]) {
  // `npm test` must not tell it what it is.
  const { NODE_ENV: _, NODE_OPTIONS: __, VITEST: ___, ...env } = process.env;
  const child = spawn(process.execPath, [join(installed, program), ...args], { cwd: project, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (printed.stdout += data));
  child.stderr.on('data', (data) => (printed.stderr += data));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...printed }));
  return { child, ended, printed };
}

/** Runs it to its end. @param input what it reads */
function run(args: string[], input = '') {
  const { child, ended } = start(...args);
  child.stdin.end(input);
  return ended;
}

/** The service, with its data where it is by default. @returns the address of its socket */
async function up(...args: string[]) {
  const { child, ended, printed } = start('--port', '0', ...args);
  await expect.poll(() => printed.stdout + printed.stderr).toContain('Press Ctrl-C to stop.');
  const [, url = ''] = /Parley is up: (ws:\S+)/.exec(printed.stdout) ?? [];
  return { url, child, ended };
}

test('the service has its page, keeps its data in .chat, and ends when it is told to', async () => {
  const { url, child, ended } = await up('-c', 'pictureHosts=https://pics.example');
  const page = await fetch(url.replace('ws', 'http'));
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("img-src 'self' https://pics.example");
  expect(page.headers.get('content-security-policy')).toContain(`connect-src 'self' ${url}`);
  const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
  expect((await fetch(`${url.replace('ws', 'http')}${script}`)).status).toBe(200);
  const [ann, bob] = [await connect(url), await connect(url)];
  onTestFinished(() => Promise.all([ann.close(), bob.close()]).then(() => {}));
  for (const [name, client] of Object.entries({ ann, bob })) {
    await client.request({ type: 'register', username: name });
    const login = await client.request({ type: 'login', username: name });
    expect(login).toHaveProperty('status', 'login_success');
  }
  const sent = await ann.request({ type: 'SEND_MESSAGE', recipient: 'bob', content: 'hello' });
  expect(sent).toHaveProperty('status', 'send_success');
  expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ sender: 'ann', content: 'hello' });
  // The client for terminals, from a pipe.
  expect(await run(['chat', 'cid', url, '--register', '--memory'], 'bob hi from a pipe\n')).toMatchObject({
    ...{ code: 0, stderr: '' },
  });
  expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({
    ...{ sender: 'cid', content: 'hi from a pipe' },
  });
  const { stdout } = await run(['admin', 'export', 'ann', '--port', new URL(url).port]);
  expect(JSON.parse(stdout)).toMatchObject({ username: 'ann', messages: [{ content: 'hello' }] });
  child.kill('SIGTERM');
  if (process.platform !== 'win32') expect(await ended).toMatchObject({ code: 0, stderr: '' });
  await ended;
  expect(existsSync(join(project, '.chat'))).toBe(true);
  const stopped = await run(['admin', 'export', 'ann', '--port', new URL(url).port]);
  expect(stopped.stderr).toContain('npx parley-chat start first');
});

test('a load finds nothing lost', async () => {
  const { code, stdout } = await run(['load', '--users', '2', '--group-size', '2', '--seconds', '1']);
  expect(stdout).toContain('0, 0, 0, 0');
  expect(code).toBe(0);
});

describe('says how it is called', () => {
  test.each([
    [['--help'], 0, 'npx parley-chat [PROGRAM] [options]'],
    [['start', '--help'], 0, '\n  npx parley-chat start [options]\n'],
    [['chat', '--help'], 0, '\n  npx parley-chat chat NAME [URL] [options]\n'],
    [['admin', '--help'], 0, '\n  npx parley-chat admin ACTION … [options]\n'],
    [['load', '--help'], 0, '\n  npx parley-chat load [options]\n'],
    [['template', '--help'], 0, '\n  npx parley-chat template [options]\n'],
    [['--version'], 0, version],
    [['--bogus'], 2, "Unknown option '--bogus'\nTry: npx parley-chat start --help\n"],
    [['chat', '--bogus'], 2, "Unknown option '--bogus'\nTry: npx parley-chat chat --help\n"],
    [['stop'], 2, 'There is no program stop, but start, chat, admin, load, template.\nTry: npx parley-chat'],
  ])('%j', async (args, code, text) => {
    const ended = await run(args);
    expect(ended.stdout + ended.stderr).toContain(text);
    expect(ended.code).toBe(code);
  });
});

const readme = readFileSync('packages/cli/README.md', 'utf8');

test.each(
  [...readme.matchAll(/^npx parley-chat (\S+)(.*)$/gm)].map(([, name = '', rest = '']) => [name, rest]),
)('its README calls %s as it can be called:%s', async (name, rest) => {
  const { code, stdout } = await run([name, '--help']);
  expect(code).toBe(0);
  for (const [flag] of rest.matchAll(/--?[a-z-]+/g)) expect(stdout).toContain(`\n  ${flag} `);
});

test('nothing that it says is of a checkout', () => {
  const files = readdirSync(installed).filter((name) => name.endsWith('.js'));
  const all = files.map((name) => readFileSync(join(installed, name), 'utf8')).join('\n');
  expect(all).toContain('npx parley-chat');
  expect(all.match(/.{0,80}\bnpm (start|run|ci)\b.{0,20}/g) ?? []).toEqual([]);
});

test('it has the licenses of what it contains of others', () => {
  const licenses = readFileSync(join(installed, 'THIRD-PARTY-LICENSES'), 'utf8');
  for (const name of ['@aws-sdk/client-dynamodb', 'zod', 'preact', 'ink', 'ws'])
    expect(licenses).toContain(`\n${name} `);
  expect(licenses).not.toContain('esbuild');
});

/** The package's template in this context. */
function templateOf(context: Context) {
  const settings = settingsIn(context);
  const text = readFileSync(join(installed, 'templates', `${settings.variant}.json`), 'utf8');
  return withSettings(JSON.parse(text), settings);
}

/** All files of a folder. */
const contentOf = (folder: string) =>
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);

const deployed = [
  ...Object.keys(deploymentSettings).filter(
    (name) => !['name', 'stage', 'pageHosts', 'pictureHosts', 'webPush', 'events'].includes(name),
  ),
  'batchWindow',
];
const isDeployed = (context: Context) => deployed.some((name) => name in context);
const contexts = [...single, ...combined];

describe('the template of the package is what the CDK makes', () => {
  test.each(contexts.filter((context) => !isDeployed(context)))('with %j', (context) => {
    const { folder, remove } = synthesize(context);
    onTestFinished(remove);
    const { template, functions } = plainOf(folder);
    expect(templateOf(context)).toEqual(template);
    for (const [name, code] of functions)
      expect(contentOf(join(installed, 'functions', name))).toEqual(contentOf(code));
  });
});

const off = Object.entries<DeploymentSample>(deploymentSettings).flatMap(([name, { off: value }]) =>
  value === undefined ? [] : [{ [name]: value }],
);

test.each(off)('takes %j, which is how it is', (context: Context) => {
  expect(templateOf(context)).toEqual(templateOf({}));
});

test.each(contexts.filter(isDeployed))('refuses %j, which only the CDK makes', (context) => {
  expect(() => templateOf(context)).toThrow(
    /(the CDK has to make them: use|a function of yours needs the CDK: .*) the package @parley-chat\/cdk/,
  );
});

test.each([
  [{ colour: 'red' }, '-c colour=…: there is no such setting'],
  [{ stage: 'test' }, '-c stage=test: must be dev or prod'],
  [{ name: 'a b' }, '-c name=a b: a name is'],
  [{ sendRate: '-1' }, '-c sendRate=-1: must be like'],
  [{ pageHosts: 'https://app.example' }, '-c pageHosts needs -c jwtIssuer'],
])('refuses %j', (context: Context, why) => {
  expect(() => templateOf(context)).toThrow(why);
});

describe('a template for CloudFormation', () => {
  test('runs in the local cloud, and holds nothing of the CDK', async () => {
    const out = join(project, 'out of the box');
    const { code, stdout } = await run(['template', '--out', out, '-c', 'name=shop', '-c', 'sendRate=7']);
    expect(code).toBe(0);
    expect(stdout).toContain('--stack-name shop --capabilities CAPABILITY_IAM');
    const text = readFileSync(join(out, 'parley.template.json'), 'utf8');
    expect(text).not.toMatch(/bootstrap|aws:cdk|AWS::CDK|S3Bucket/i);
    expect(text).toContain('"SEND_RATE": "7"');
    const cloud = await startCloud({ assembly: out, port: 0 });
    onTestFinished(() => cloud.close());
    expect(cloud.ignored).toEqual([]);
    const client = await connect(cloud.url);
    onTestFinished(() => client.close());
    await client.request({ type: 'register', username: 'ann' });
    const login = await client.request({ type: 'login', username: 'ann' });
    expect(login).toHaveProperty('status', 'login_success');
  });

  test('cannot have the page', async () => {
    expect(await run(['template', '-c', 'web=true'])).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: expect.stringContaining('-c web=true: functions of the CDK copy the files of the page'),
    });
  });
});
