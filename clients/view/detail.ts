/** What `getToken` said, without its name, which says nothing to people (clients/sdk/credentials.ts). */
export const withoutSource = (detail = ''): string => detail.replace(/^getToken: /, '');
