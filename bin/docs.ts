import { readFileSync, writeFileSync } from 'node:fs';
import { parseOrExit } from '../cli/command.ts';
import { commandsIndex } from './commands-index.ts';
import { settingsProps, withSettingsTable } from './settings-docs.ts';

parseOrExit({
  name: 'npm run docs',
  about:
    'Generates protocol/commands/index.ts, clients/sdk/wire.ts, clients/server/wire.ts, docs/protocol.md, docs/server-api.md, docs/asyncapi.yaml and the access table in docs/security.md\nfrom the definitions in protocol/commands/, lib/settings-props.ts and the table in docs/settings.md from lib/settings.ts,\nand docs/events.md and docs/events.schema.json from protocol/bus-events.ts.',
  flags: {},
});

writeFileSync(new URL('../protocol/commands/index.ts', import.meta.url), commandsIndex());

// These import what was just written.
const { asyncapi } = await import('./asyncapi.ts');
const { protocolPage } = await import('./protocol-page.ts');
const { serverApiPage } = await import('./server-api-page.ts');
const { withAccessTable } = await import('./access-table.ts');
const { eventsSchema, withEvents } = await import('./events-docs.ts');
const { serverWireTypes, wireTypes } = await import('./wire-types.ts');

writeFileSync(new URL('../clients/sdk/wire.ts', import.meta.url), wireTypes());
writeFileSync(new URL('../clients/server/wire.ts', import.meta.url), serverWireTypes());

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('protocol.md', docs), protocolPage());
writeFileSync(new URL('server-api.md', docs), serverApiPage());
writeFileSync(new URL('asyncapi.yaml', docs), asyncapi());
const security = new URL('security.md', docs);
writeFileSync(security, withAccessTable(readFileSync(security, 'utf8')));
const eventsPage = new URL('events.md', docs);
writeFileSync(eventsPage, withEvents(readFileSync(eventsPage, 'utf8')));
writeFileSync(new URL('events.schema.json', docs), eventsSchema());
writeFileSync(new URL('../lib/settings-props.ts', import.meta.url), settingsProps());
const settingsPage = new URL('settings.md', docs);
writeFileSync(settingsPage, withSettingsTable(readFileSync(settingsPage, 'utf8')));
