// Credentials: who is a user, and the hash of their password. Only what checks passwords may read it.
//   key        username
//   item       mark, password (PHC string; absent without one), epoch
//   create     PutItem if there is none               register, $connect of an identity provider's user
//   get        GetItem                                login, change_password
//   replace    PutItem if it is the one with a mark   change_password
import { type Credential, type Credentials, Unavailable } from '../chat/ports.ts';
import { PutCommand } from './documents.ts';
import { conditionally, getItem, putFirst, type Table } from './table.ts';

/** The credentials in a table. */
export function credentialsIn(table: Table): Credentials {
  const get = async (username: string) => (await getItem(table, { username })) as Credential | undefined;
  return {
    create: async (credential) =>
      (await putFirst(table, ['username'], { ...credential })) as unknown as Credential,

    get,

    async replace(mark, credential) {
      const put = new PutCommand({
        TableName: table.name,
        Item: credential,
        ConditionExpression: 'mark = :mark',
        ExpressionAttributeValues: { ':mark': mark },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      try {
        const result = await conditionally(table.client.send(put));
        // Refused by itself: the SDK has made the call twice.
        return 'done' in result || result.refusedBy?.mark === credential.mark;
      } catch (error) {
        // A 5xx may have come after the write took effect: only a look tells.
        if (!(error instanceof Unavailable) || (await get(credential.username))?.mark !== credential.mark)
          throw error;
        return true;
      }
    },
  };
}
