/** 128 random bits. Browsers have `randomUUID` only on pages with TLS. */
export const newId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');
