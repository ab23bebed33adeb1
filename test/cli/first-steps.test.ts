import { expect, test } from 'vitest';
import { firstSteps } from '../../bin/first-steps.ts';

test.each([
  [{}, ['register alice', 'login alice']],
  [{ passwords: 'required' }, ['register alice PASSWORD', 'login alice PASSWORD']],
  [
    { registration: 'closed' },
    ['admin call \'{"request":{"type":"create_user","username":"alice"}}\'', 'login alice'],
  ],
  [
    { registration: 'closed', passwords: 'required' },
    [
      'admin call \'{"request":{"type":"create_user","username":"alice","password":"PASSWORD"}}\'',
      'login alice PASSWORD',
    ],
  ],
  // Who registers is the identity provider's business.
  [{ jwtIssuer: 'https://idp.example', passwords: 'required' }, ['login TOKEN']],
])('who starts the service with %j is told how to get in', (context, steps) => {
  const said = firstSteps(context, 'ws://localhost:3001', (args) => `admin ${args}`);
  const found = said.split('\n').map((line) => line.slice('In another terminal: '.length));
  expect(found.filter((line) => !line.startsWith('npx wscat'))).toEqual(steps);
  expect(found).toContain('npx wscat -c ws://localhost:3001');
});
