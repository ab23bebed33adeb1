import { writeFileSync } from 'node:fs';
import { asyncapi } from './asyncapi.ts';
import { protocolPage } from './protocol-page.ts';

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('protocol.md', docs), protocolPage());
writeFileSync(new URL('asyncapi.yaml', docs), asyncapi());
