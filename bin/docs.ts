import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { commandsIndex } from './commands-index.ts';

const HELP = `Writes protocol/commands/index.ts, docs/protocol.md and docs/asyncapi.yaml from the definitions in protocol/commands/.

  npm run docs`;

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
} catch (error) {
  console.error(`${(error as Error).message}\nTry: npm run docs -- --help`);
  process.exit(2);
}

writeFileSync(new URL('../protocol/commands/index.ts', import.meta.url), commandsIndex());

// These import what was just written.
const { asyncapi } = await import('./asyncapi.ts');
const { protocolPage } = await import('./protocol-page.ts');

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('protocol.md', docs), protocolPage());
writeFileSync(new URL('asyncapi.yaml', docs), asyncapi());
