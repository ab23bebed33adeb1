// Credentials: all users and their password hashes. Only functions that check passwords may read them.
//   key        username
//   item       attemptId, password (PHC string; absent without one), epoch, claims (a digest), key (of create_user), erased
//   create     PutItem if there is none               register, the first login of an identity provider's user
//   get        GetItem                                login, change_password
//   replace    PutItem if attemptId is unchanged       change_password, npm run admin -- reset-password, erase
//   noteClaims UpdateItem if attemptId is unchanged    the login of an identity provider's user, if its claims have changed
import type { Credential } from '../chat/model.ts';
import type { Credentials } from '../chat/ports.ts';
import { PutCommand, UpdateCommand } from './documents.ts';
import { conditionally, getItem, putFirst, type Table, untilKnown } from './table.ts';

/** `Credentials` in a DynamoDB table. */
export function credentialsIn(table: Table): Credentials {
  return {
    create: async (credential) =>
      (await putFirst(table, 'username', { ...credential })) as unknown as Credential,

    get: async (username) => (await getItem(table, { username })) as Credential | undefined,

    async replace(attemptId, credential) {
      const put = new PutCommand({
        TableName: table.name,
        Item: credential,
        ConditionExpression: 'attemptId = :attemptId',
        ExpressionAttributeValues: { ':attemptId': attemptId },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const result = await untilKnown(() => conditionally(table.client.send(put)));
      // The SDK may have sent it twice: then the first one made the condition of the second fail.
      return 'done' in result || result.refusedBy?.attemptId === credential.attemptId;
    },

    async noteClaims({ username, attemptId }, digest) {
      const update = new UpdateCommand({
        TableName: table.name,
        Key: { username },
        UpdateExpression: 'SET claims = :claims',
        ConditionExpression: 'attemptId = :attemptId',
        ExpressionAttributeValues: { ':claims': digest, ':attemptId': attemptId },
      });
      await untilKnown(() => conditionally(table.client.send(update)));
    },
  };
}
