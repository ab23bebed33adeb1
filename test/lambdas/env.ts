// As the stack sets it. Imported before any handler: lambdas/ports.ts reads it as it loads.
Object.assign(process.env, {
  AWS_REGION: 'us-east-1',
  NAMES_TABLE: 'names',
  CONNECTIONS_TABLE: 'connections',
  INBOXES_TABLE: 'inboxes',
  MEMBERS_TABLE: 'members',
  HISTORY_TABLE: 'history',
  CALLBACK_URL: 'https://callback.invalid/dev',
});
