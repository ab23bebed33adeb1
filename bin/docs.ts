import { writeFileSync } from 'node:fs';
import { protocolPage } from './protocol-page.ts';

writeFileSync(new URL('../docs/protocol.md', import.meta.url), protocolPage());
