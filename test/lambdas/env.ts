import { environmentOf } from '../../lib/config.ts';
import { commands } from '../../protocol/index.ts';

// As the stack sets it. Imported before any handler is made: they read it as they are made.
Object.assign(process.env, {
  ...environmentOf(() => undefined, 'dev'),
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  DIRECTORY_TABLE: 'names',
  CONNECTIONS_TABLE: 'connections',
  INBOXES_TABLE: 'inboxes',
  OVERFLOW_TABLE: 'overflow',
  MEMBERS_TABLE: 'members',
  INVITATIONS_TABLE: 'invitations',
  CREDENTIALS_TABLE: 'credentials',
  PROFILES_TABLE: 'profiles',
  SESSIONS_TABLE: 'sessions',
  RATELIMITS_TABLE: 'levels',
  HISTORY_TABLE: 'history',
  POWERTOOLS_SERVICE_NAME: 'Parley',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  QUEUE_URL: 'https://queue.invalid/fan-out',
  FUNCTIONS: JSON.stringify(Object.fromEntries(commands.map(({ type }) => [type, type]))),
  CALLBACK_URL: 'https://callback.invalid/dev',
});
