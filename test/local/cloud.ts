import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, expect, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type CloudOptions, startCloud } from '../../local/cloud.ts';
import { type Client, connect } from '../support/client.ts';
import { assemblyOf, type RouteOptions, stackOf, type Template } from './stack.ts';

/** What a fixture's function returned, or said of a call. */
// biome-ignore lint/suspicious/noExplicitAny: each handler returns something else.
export type Said = any;

/** The frame that stands for whatever went wrong behind a route. */
export const errorFrame = (message = 'Internal server error') => ({
  message,
  connectionId: expect.any(String),
  requestId: expect.stringMatching(/^[\w-]{10,}$/),
});

/** Runs a template of the fixture's functions for one file of tests. */
export async function localCloud(
  routes: Record<string, RouteOptions>,
  options: Partial<CloudOptions> = {},
  edit: (template: Template) => void = () => {},
) {
  const template = stackOf(routes);
  edit(template);
  const lines: string[] = [];
  const log: CloudOptions['log'] = ({ line }) => void lines.push(line);
  const cloud = await startCloud({ assembly: assemblyOf(template), port: 0, log, ...options });
  const clients: Client[] = [];
  afterAll(async () => {
    for (const { socket } of clients) socket.terminate();
    await cloud.close();
  });
  return {
    cloud,
    /** All that the functions logged. */
    lines,
    async open(path = ''): Promise<Client> {
      const client = await connect(cloud.url + path);
      clients.push(client);
      return client;
    },
    /** The first line, logged or yet to be, that has all of this in it. */
    async logged(...texts: string[]): Promise<string> {
      const found = () => lines.find((line) => texts.every((text) => line.includes(text)));
      return vi.waitFor(() => found() ?? Promise.reject(new Error(`nobody logged ${texts}`)), 60_000);
    },
  };
}

/** The status that a handshake is refused with. */
export async function refusal(
  url: string,
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => {});
  const [request, response] = (await once(socket, 'unexpected-response')) as [
    { destroy(): void },
    IncomingMessage,
  ];
  request.destroy();
  return response.statusCode;
}

/** Sends a message and takes the next frame, as JSON. */
export async function ask(client: Client, message: object): Promise<Said> {
  client.send(JSON.stringify(message));
  return JSON.parse(await client.nextText('an answer', () => true));
}

/** The id that a connection has. */
export async function idOf(client: Client): Promise<string> {
  return (await ask(client, { type: 'echo' })).requestContext.connectionId;
}

/** The headers of a call by the function that has this environment. */
export const signedAs = (env: Record<string, string>) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${env.AWS_ACCESS_KEY_ID}/`,
  'x-amz-security-token': env.AWS_SESSION_TOKEN ?? '',
});

export const anyone = {
  Effect: 'Allow',
  Action: 'execute-api:ManageConnections',
  Resource: {
    'Fn::Sub': `arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/\${Stage}/*/@connections/*`,
  },
};

export const callback = {
  CALLBACK_URL: {
    'Fn::Sub': `https://\${Api}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/\${Stage}`,
  },
};
