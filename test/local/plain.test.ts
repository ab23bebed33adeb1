import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { plainOf, writePlain } from '../../local/template/plain.ts';
import { connect } from '../support/client.ts';
import { assemblyOf, stackOf } from './stack.ts';

const edited = () => {
  const template = stackOf({ $default: { handler: 'echo' } });
  const { Things } = template.Resources;
  Object.assign(Things ?? {}, { Metadata: { 'aws:cdk:path': 'Stack/Things' } });
  return {
    ...template,
    Resources: { ...template.Resources, CDKMetadata: { Type: 'AWS::CDK::Metadata' } },
    Parameters: {
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>' },
      Size: { Default: 'small' },
    },
    Rules: { CheckBootstrapVersion: { Assertions: [] } },
    Conditions: { CDKMetadataAvailable: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] } },
  };
};

test('a plain template has nothing of the CDK, and its functions beside it', async () => {
  const plain = plainOf(assemblyOf(edited()));
  const { Resources, Parameters, ...others } = plain.template;
  expect(Parameters).toEqual({ Size: { Default: 'small' } });
  expect(others).toEqual({});
  expect(Resources).not.toHaveProperty('CDKMetadata');
  expect(Resources.Things).not.toHaveProperty('Metadata');
  expect(Resources.SdefaultFunction?.Properties?.Code).toBe('./functions/SdefaultFunction');
  const folder = mkdtempSync(join(tmpdir(), 'plain-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(writePlain(plain, folder)).toBe(join(folder, 'parley.template.json'));
  expect(readdirSync(join(folder, 'functions'))).toEqual(['SdefaultFunction']);
  // It is one already.
  expect(plainOf(folder).template).toEqual(plain.template);
  // The fixture's own imports packages.
  const code = 'export const echo = ({ body }) => ({ statusCode: 200, body });';
  writeFileSync(join(folder, 'functions/SdefaultFunction/index.mjs'), code);
  const cloud = await startCloud({ assembly: folder, port: 0 });
  onTestFinished(() => cloud.close());
  const client = await connect(cloud.url);
  onTestFinished(() => client.close());
  expect(await client.request({ type: 'ping' })).toMatchObject({ type: 'ping' });
});

test('what needs the bootstrap stack of the CDK is refused', () => {
  const template = edited();
  const assets = { 'Fn::Sub': ['cdk-hnb659fds-assets-', '{AWS::AccountId}-', '{AWS::Region}'].join('$') };
  Object.assign(template.Resources, {
    Files: { Type: 'Custom::CDKBucketDeployment', Properties: { SourceBucketNames: [assets] } },
  });
  expect(() => plainOf(assemblyOf(template))).toThrow('Files needs the bootstrap stack of the CDK');
});
