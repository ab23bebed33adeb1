// Sessions: the sessions that logins open. Only the digest of a token is stored.
//   key     digest
//   item    username, epoch, expires (seconds; also the time to live), until (milliseconds)
//   open    PutItem       login, change_password
//   get     GetItem       login with a token
//   end     DeleteItem    logout
import type { Sessions } from '../chat/ports.ts';
import { DeleteCommand, PutCommand } from './documents.ts';
import { getItem, type Table, writing } from './table.ts';

/** `Sessions` in a DynamoDB table. */
export function sessionsIn(table: Table): Sessions {
  const { client, name: TableName } = table;
  return {
    async open({ expires: until, ...session }) {
      const Item = { ...session, until, expires: Math.ceil(until / 1000) };
      await writing(client.send(new PutCommand({ TableName, Item })));
    },

    async get(digest) {
      const item = await getItem(table, { digest });
      if (item === undefined) return undefined;
      const { username, epoch, until } = item as { username: string; epoch: number; until: number };
      return { digest, username, epoch, expires: until };
    },

    async end(digest) {
      await writing(client.send(new DeleteCommand({ TableName, Key: { digest } })));
    },
  };
}
