import { writeFileSync } from 'node:fs';
import { asked } from '../cli/command.ts';
import { commandsIndex } from './commands-index.ts';

asked({
  name: 'npm run docs',
  about:
    'Writes protocol/commands/index.ts, docs/protocol.md and docs/asyncapi.yaml from the definitions in protocol/commands/.',
  flags: {},
});

writeFileSync(new URL('../protocol/commands/index.ts', import.meta.url), commandsIndex());

// These import what was just written.
const { asyncapi } = await import('./asyncapi.ts');
const { protocolPage } = await import('./protocol-page.ts');

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('protocol.md', docs), protocolPage());
writeFileSync(new URL('asyncapi.yaml', docs), asyncapi());
