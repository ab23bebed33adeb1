import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Client, connect } from '../../test/support/client.ts';
import { repeat, type Samples } from './measure.ts';

/** A load that can be measured repeatedly. */
export interface Load {
  run(milliseconds: number): Promise<Samples>;
  end(): Promise<void>;
}

/** Round trips to a bare `ws` echo server: the minimum for any service behind a WebSocket. */
export async function echo(url: string, width: number, content: string): Promise<Load> {
  const clients: Client[] = await Promise.all(Array.from({ length: width }, () => connect(url)));
  const workers = clients.map((client) => () => client.request({ content }));
  return {
    run: (milliseconds) => repeat(workers, milliseconds),
    async end() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** Puts of new items with the same content by the SDK: the minimum for storing a message. */
export function put(endpoint: string, width: number, content: string): Load {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench', sessionToken: 'bench' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  let id = 0;
  const work = () =>
    client.send(
      new PutItemCommand({ TableName: 'Log', Item: { id: { S: `${++id}` }, content: { S: content } } }),
    );
  return {
    run: (milliseconds) => repeat(Array(width).fill(work), milliseconds),
    end: async () => client.destroy(),
  };
}
