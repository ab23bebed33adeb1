import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { serverWireTypes, wireTypes } from '../../bin/wire-types.ts';
import type { Pushes, Replies, Requests, ServerCode, WireMessage } from '../../clients/sdk/wire.ts';
import type { OperatorReplies, OperatorRequests } from '../../clients/server/wire.ts';
import type {
  Command,
  codes,
  WireMessage as Defined,
  OperatorCommand,
  pushes,
  ReplyOf,
  RequestOf,
} from '../../protocol/index.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;
type OperatorsOf<T extends OperatorCommand['type']> = Extract<OperatorCommand, { type: T }>;
type Push = keyof typeof pushes;

/** `true` if a value of either type is one of the other. A definition without fields infers as a record of `never`. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Fields<T> = string extends keyof T ? { [K in keyof T as string extends K ? never : K]: T[K] } : T;

/** Does not compile if the types of the SDK differ from those that TypeScript infers from the definitions. */
const same: {
  requests: { [T in Command['type']]: Same<Requests[T], Fields<RequestOf<CommandOf<T>>>> };
  replies: { [T in Command['type']]: Same<Replies[T], Fields<ReplyOf<CommandOf<T>>>> };
  operatorRequests: {
    [T in OperatorCommand['type']]: Same<OperatorRequests[T], RequestOf<OperatorsOf<T>>>;
  };
  operatorReplies: { [T in OperatorCommand['type']]: Same<OperatorReplies[T], ReplyOf<OperatorsOf<T>>> };
  pushes: { [P in Push]: Same<Pushes[P], RequestOf<{ request: (typeof pushes)[P]['fields'] }>> };
  codes: Same<ServerCode, keyof typeof codes>;
  message: Same<WireMessage, Defined>;
  names: Same<keyof Requests | keyof Replies, Command['type']>;
} = JSON.parse('{}');
type All<T> = T[keyof T];
const isSame: Same<
  true,
  | All<(typeof same)['requests']>
  | All<(typeof same)['replies']>
  | All<(typeof same)['operatorRequests']>
  | All<(typeof same)['operatorReplies']>
  | All<(typeof same)['pushes']>
  | (typeof same)['codes' | 'message' | 'names']
> = true;

test('clients/sdk/wire.ts says what the definitions say (npm run docs writes it)', () => {
  const types = readFileSync(new URL('../../clients/sdk/wire.ts', import.meta.url), 'utf8');
  expect(types).toBe(wireTypes());
  expect(isSame).toBe(true);
});

test('clients/server/wire.ts says what the definitions say (npm run docs writes it)', () => {
  const types = readFileSync(new URL('../../clients/server/wire.ts', import.meta.url), 'utf8');
  expect(types).toBe(serverWireTypes());
});
