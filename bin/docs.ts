import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { asyncapi } from './asyncapi.ts';
import { protocolPage } from './protocol-page.ts';

const HELP = `Writes docs/protocol.md and docs/asyncapi.yaml from the definitions in protocol/.

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

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('protocol.md', docs), protocolPage());
writeFileSync(new URL('asyncapi.yaml', docs), asyncapi());
