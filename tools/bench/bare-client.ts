// The baseline of `npm run bench:cold`: the DynamoDB client that every function needs, bundled like the functions.
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';

export const client = new DynamoDBClient({ cacheMiddleware: true });
export const commands = { GetItemCommand, PutItemCommand, QueryCommand };
