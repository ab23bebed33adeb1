import { arn } from '../template/aws.ts';

type Json = Record<string, unknown>;

/** A call of the DynamoDB API, as rights, counts and faults see it. */
export interface DynamoCall {
  /** The logical id of the calling function; absent for the local cloud itself. */
  caller?: string;
  /** An operation like `PutItem`. */
  operation: string;
  input: Json;
}

const OPERATIONS = [
  ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'],
  ['ListTables', 'DescribeTable', 'CreateTable', 'UpdateTable', 'DeleteTable', 'DescribeTimeToLive'],
].flat();

/**
 * Reads a request.
 * @param target the header that names the operation
 * @returns the call, or DynamoDB's error code if it is malformed
 */
export function callOf(caller: string, target: string, body: string): DynamoCall | string {
  const operation = target.split('.')[1] ?? '';
  if (!OPERATIONS.includes(operation)) return 'UnknownOperationException';
  try {
    const input = JSON.parse(body) as unknown;
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
    return isObject ? { caller, operation, input: input as Json } : 'SerializationException';
  } catch {
    return 'SerializationException';
  }
}

/** The tables that a call touches. */
export const tablesOf = ({ input }: DynamoCall): string[] =>
  input.TableName === undefined ? Object.keys((input.RequestItems ?? {}) as Json) : [String(input.TableName)];

/** The ARNs that a call needs a right on: tables, the index that it reads, or `*`. */
export function resourcesOf(call: DynamoCall): string[] {
  const index = call.input.IndexName;
  const suffix = index === undefined ? '' : `/index/${String(index)}`;
  const tables = tablesOf(call).map((table) => arn('dynamodb', `table/${table}${suffix}`));
  return tables.length > 0 ? tables : ['*'];
}

/** Counted calls of one caller, table and operation. */
export interface Count {
  caller: string;
  table: string;
  operation: string;
  requests: number;
  read: number;
  write: number;
}
