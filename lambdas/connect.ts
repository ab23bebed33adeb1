import { handshake } from './handshake.ts';

/** There only where origins are allowed one by one, and users do not come from an identity provider (lib/settings.ts). */
export const handler = handshake(async () => undefined);
