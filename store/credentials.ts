// Credentials: who is a user, and the hash of their password. Only what checks passwords may read it.
//   key        username
//   item       mark, password (PHC string; absent without one), epoch
//   create     PutItem if there is none               register, $connect of an identity provider's user
//   get        GetItem                                login, change_password
//   replace    PutItem if it is the one with a mark   change_password
import type { Credential } from '../chat/model.ts';
import type { Credentials } from '../chat/ports.ts';
import { PutCommand } from './documents.ts';
import { conditionally, getItem, putFirst, type Table, untilKnown } from './table.ts';

/** The credentials in a table. */
export function credentialsIn(table: Table): Credentials {
  return {
    create: async (credential) =>
      (await putFirst(table, 'username', { ...credential })) as unknown as Credential,

    get: async (username) => (await getItem(table, { username })) as Credential | undefined,

    async replace(mark, credential) {
      const put = new PutCommand({
        TableName: table.name,
        Item: credential,
        ConditionExpression: 'mark = :mark',
        ExpressionAttributeValues: { ':mark': mark },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const result = await untilKnown(() => conditionally(table.client.send(put)));
      // Refused by itself: it was made twice.
      return 'done' in result || result.refusedBy?.mark === credential.mark;
    },
  };
}
