import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach } from 'vitest';
import { documents } from '../../store/documents.ts';

/** A table called `T` on a client that reaches nothing, and all that was asked of it, in order. */
export function mockedTable() {
  const client = documents(new DynamoDBClient({ region: 'us-east-1' }));
  const mock = mockClient(client);
  beforeEach(() => {
    mock.reset();
  });
  /** Each request as `[operation, input]`: a test that compares them all sees what should not be there, too. */
  const requests = () =>
    mock
      .calls()
      .map(({ args: [command] }) => [command.constructor.name.replace(/(Item)?Command$/, ''), command.input]);
  return { table: { client, name: 'T' }, mock, requests };
}
