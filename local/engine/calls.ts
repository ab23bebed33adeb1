import { arn } from '../template/aws.ts';

type Json = Record<string, unknown>;

/** A call of the DynamoDB API, as those who judge, count or disturb it see it. */
export interface DynamoCall {
  /** The logical id of the calling function; absent for the local cloud itself. */
  caller?: string;
  /** Like `PutItem`. */
  operation: string;
  input: Json;
}

/** The tables that a call touches. */
export const tablesOf = ({ input }: DynamoCall): string[] =>
  input.TableName === undefined ? Object.keys((input.RequestItems ?? {}) as Json) : [String(input.TableName)];

/** The resources that a call needs a right on: tables, or the index that it reads. */
export const resourcesOf = (call: DynamoCall): string[] =>
  tablesOf(call).map((table) => {
    const index = call.input.IndexName;
    return arn('dynamodb', `table/${table}${index === undefined ? '' : `/index/${String(index)}`}`);
  });

/** One line of the engine's count. */
export interface Count {
  caller: string;
  table: string;
  operation: string;
  requests: number;
  read: number;
  write: number;
}
