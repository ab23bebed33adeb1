import { expect, test } from 'vitest';
import { outputsIn } from '../../bin/outputs.ts';

const outputs = { Parley: { Tables: 'History=H1,Users=U1', Url: 'wss://a.example/dev' }, 'Other-prod': {} };

test('reads what cdk deploy --outputs-file writes', () => {
  expect(outputsIn(JSON.stringify(outputs))).toEqual(outputs);
});

test('reads what aws cloudformation describe-stacks prints', () => {
  const Stacks = [
    {
      StackName: 'Parley',
      StackStatus: 'CREATE_COMPLETE',
      Outputs: [
        { OutputKey: 'Tables', OutputValue: 'History=H1,Users=U1', Description: 'The names of the tables' },
        { OutputKey: 'Url', OutputValue: 'wss://a.example/dev' },
      ],
    },
    { StackName: 'Other-prod' },
  ];
  expect(outputsIn(JSON.stringify({ Stacks }))).toEqual(outputs);
});

test('a stack may be called Stacks', () => {
  expect(outputsIn('{"Stacks":{"Tables":"History=H1"}}')).toEqual({ Stacks: { Tables: 'History=H1' } });
});
