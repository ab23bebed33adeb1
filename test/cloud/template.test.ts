import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { connect } from '../support/client.ts';
import { program } from '../support/programs.ts';

async function template(...flags: string[]) {
  const running = promisify(execFile)(process.execPath, [program('bin/template.ts'), ...flags]);
  const { code = 0, stdout, stderr } = await running.catch((error) => error);
  return { code, stdout, stderr };
}

test('npm run template writes what CloudFormation takes without the CDK, and the local cloud runs', async () => {
  const out = mkdtempSync(join(tmpdir(), 'template-'));
  onTestFinished(() => rmSync(out, { recursive: true }));
  const { code, stdout } = await template('--out', out);
  expect(code).toBe(0);
  expect(stdout).toContain('--stack-name Parley --capabilities CAPABILITY_IAM');
  const text = readFileSync(join(out, 'parley.template.json'), 'utf8');
  expect(text).toContain('"Code": "./functions/SendMessage"');
  expect(text).not.toMatch(/bootstrap|aws:cdk|AWS::CDK|cdk-|S3Bucket/i);
  // The most that CloudFormation takes from a bucket.
  expect(text.length).toBeLessThan(1_000_000);
  const cloud = await startCloud({ assembly: out, port: 0 });
  onTestFinished(() => cloud.close());
  const client = await connect(cloud.url);
  onTestFinished(() => client.close());
  await client.request({ type: 'register', username: 'ann' });
  const login = await client.request({ type: 'login', username: 'ann' });
  expect(login).toHaveProperty('status', 'login_success');
});

test('it cannot have the page, and says so', async () => {
  expect(await template('-c', 'web=true')).toEqual({
    ...{ code: 2, stdout: '' },
    stderr: expect.stringMatching(
      /^-c web=true: functions of the CDK copy .*\nTry: npm run template -- --help\n$/,
    ),
  });
});
