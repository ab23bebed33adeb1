import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { packed } from './packed.ts';

// An app of somebody who has only the tarball, the CDK and cdk-nag.

const ROOT = join(import.meta.dirname, '../..');
const project = await mkdtemp(join(tmpdir(), 'shop-'));
afterAll(() => rm(project, { recursive: true, force: true }));
const { tarball } = await packed('cdk', project);

const run = promisify(execFile);
const node = (...args: string[]) =>
  run(process.execPath, args, {
    cwd: project,
    env: { ...process.env, CDK_OUTDIR: join(project, 'cdk.out') },
  }).catch((error) => error as { stdout: string; stderr: string });

const readme = await readFile(join(ROOT, 'packages/cdk/README.md'), 'utf8');
const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];

const app = `import { AwsSolutionsChecks } from 'cdk-nag';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Validations } from 'aws-cdk-lib';
${example}
const support = new Parley(stack, 'Support');
const history: string = support.tables.History.tableName;
const [account, region] = ['123456789012', 'eu-west-1'];
const known = new Stack(stack.node.root, 'Known', { env: { account, region } });
const pool = UserPool.fromUserPoolId(known, 'Pool', 'eu-west-1_a');
const provider = { jwtIssuer: \`https://\${pool.userPoolProviderName}\`, jwtAudience: 'app' };
new Parley(known, 'Chat', { ...provider, web: true, alarmEmail: 'ops@example.com', allowedOrigins: ['https://a.example'] });
Validations.of(stack.node.root).addPlugins(new AwsSolutionsChecks());
(stack.node.root as App).synth();
console.log(history.length > 0 ? 'synthesized' : '');
`;

const json = async (path: string) => JSON.parse(await readFile(join(ROOT, path), 'utf8'));

test('it asks for the CDK that it is tested with, and says so', async () => {
  const { peerDependencies } = await json('packages/cdk/package.json');
  const tested = (await json('package.json')).devDependencies['aws-cdk-lib'];
  const { constructs } = (await json('node_modules/aws-cdk-lib/package.json')).peerDependencies;
  expect(peerDependencies).toEqual({ 'aws-cdk-lib': `^${tested}`, constructs });
  expect(readme).toContain(`\`aws-cdk-lib\` has to be ${tested}`);
});

test('strict TypeScript takes the example, and synthesizes it without a bundler and without findings of cdk-nag', async () => {
  const own = join(project, 'node_modules/@parley-chat/cdk');
  for (const folder of [own, join(project, 'node_modules/@types')]) await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', own, '--strip-components', '1']);
  for (const name of ['aws-cdk-lib', 'constructs', 'cdk-nag', '@types/node']) {
    await mkdir(dirname(join(project, 'node_modules', name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(project, 'node_modules', name), 'junction');
  }
  const licenses = await readFile(join(own, 'THIRD-PARTY-LICENSES'), 'utf8');
  for (const name of ['@aws-sdk/client-dynamodb', 'zod', 'preact']) expect(licenses).toContain(`\n${name} `);
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    types: ['node'],
  };
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
  await writeFile(join(project, 'app.ts'), app);
  expect((await node(join(ROOT, 'node_modules/typescript/bin/tsc'))).stdout).toBe('');
  const { stdout, stderr } = await node('app.js');
  expect(stderr).not.toMatch(/\b(ERROR|WARNING)\b/);
  expect(stdout.trim()).toBe('synthesized');
  const report = JSON.parse(await readFile(join(project, 'cdk.out/validation-report.json'), 'utf8'));
  const nag = report.pluginReports.find(
    ({ pluginName }: { pluginName: string }) => pluginName === 'AwsSolutions',
  );
  expect(nag.conclusion).toBe('success');
  // It did look.
  expect(nag.suppressedViolations.length).toBeGreaterThan(5);
  expect((await node('-e', "console.log(typeof require('@parley-chat/cdk').Parley)")).stdout.trim()).toBe(
    'function',
  );
});
