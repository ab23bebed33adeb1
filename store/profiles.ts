// Profiles: what users and groups show beside their ids. Apart from Directory and Credentials, so that nothing else gets
// dearer by a profile's size, and who reads profiles may read nothing else.
//   key        id: `@USER`, `#GROUP`, or `#GROUP GENERATION` for a later group of that name
//   item       name, topic, avatar, data (JSON), each if set; of an erased user: erased alone
//   set        UpdateItem if not erased     set_profile, create_group, update_group, login (a provider's claims)
//   getMany    BatchGetItem                 get_profiles, get_groups
//   erase      PutItem                      the erasure of a user
import type { Profile } from '../chat/model.ts';
import type { Profiles } from '../chat/ports.ts';
import { PutCommand, UpdateCommand } from './documents.ts';
import { conditionally, getItems, type Item, type Table, untilKnown, writing } from './table.ts';

/** `Profiles` in a DynamoDB table. */
export function profilesIn(table: Table): Profiles {
  const { client, name: TableName } = table;
  return {
    async set(id, fields) {
      const given = Object.entries(fields).filter(([, value]) => value !== undefined);
      const [set, removed] = [given.filter(([, value]) => value), given.filter(([, value]) => !value)];
      const update = new UpdateCommand({
        TableName,
        Key: { id },
        UpdateExpression:
          [
            ...(set.length > 0 ? [`SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`] : []),
            ...(removed.length > 0 ? [`REMOVE ${removed.map(([name]) => `#${name}`).join(', ')}`] : []),
          ].join(' ') || undefined,
        ConditionExpression: 'attribute_not_exists(erased)',
        ...(given.length > 0 && {
          ExpressionAttributeNames: Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
        }),
        ...(set.length > 0 && {
          ExpressionAttributeValues: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
        }),
        ReturnValues: 'ALL_NEW',
      });
      const result = await untilKnown(() => conditionally(client.send(update)));
      return 'done' in result ? toProfile(result.done.Attributes ?? {}) : undefined;
    },

    async getMany(ids) {
      const items = await getItems(
        table,
        ids.map((id) => ({ id })),
        'eventual',
      );
      return new Map(
        items.flatMap((item) => {
          const profile = toProfile(item);
          return Object.keys(profile).length > 0 ? [[item.id as string, profile] as const] : [];
        }),
      );
    },

    async erase(id) {
      await writing(client.send(new PutCommand({ TableName, Item: { id, erased: true } })));
    },
  };
}

const toProfile = ({ id: _, erased: __, ...profile }: Item): Profile => profile;
