// The baseline of `npm run bench:cold`: what any function that speaks to DynamoDB has to load, bundled as functions are.
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';

export const client = new DynamoDBClient({ cacheMiddleware: true });
export const commands = { GetItemCommand, PutItemCommand, QueryCommand };
