import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type {
  Connections,
  Copies,
  Credentials,
  Directory,
  History,
  Inboxes,
  Invitations,
  Members,
  Overflow,
  Profiles,
  RateLimits,
  Sessions,
  Verdicts,
} from '../chat/ports.ts';
import { connectionsIn } from './connections.ts';
import { copiesIn } from './copies.ts';
import { credentialsIn } from './credentials.ts';
import { directoryIn } from './directory.ts';
import { documents } from './documents.ts';
import { historyIn } from './history.ts';
import { inboxesIn } from './inboxes.ts';
import { invitationsIn } from './invitations.ts';
import { membersIn } from './members.ts';
import { overflowIn } from './overflow.ts';
import { profilesIn } from './profiles.ts';
import { rateLimitsIn } from './rate-limits.ts';
import { sessionsIn } from './sessions.ts';
import type { Table } from './table.ts';
import { verdictsIn } from './verdicts.ts';

/** The ports to the tables. */
export interface StorePorts {
  directory: Directory;
  connections: Connections;
  inboxes: Inboxes;
  overflow: Overflow;
  members: Members;
  invitations: Invitations;
  history: History;
  credentials: Credentials;
  profiles: Profiles;
  sessions: Sessions;
  rateLimits: RateLimits;
  copies: Copies;
  verdicts: Verdicts;
}

/** Finds a table by its name in the CDK app, like `History`. */
export type TableOf = (name: string) => Table;

/** @param nameOf returns the physical name of a table */
export function tablesOf(client: DynamoDBClient, nameOf: (name: string) => string): TableOf {
  const reached = documents(client);
  return (name) => ({ client: reached, name: nameOf(name) });
}

/**
 * All ports. To keep its bundle small, a function has only those that it uses (lambdas/runtime/ports.ts).
 * @param areApart whether users and groups have a namespace each
 */
export const portsIn = (table: TableOf, areApart = false): StorePorts => ({
  directory: directoryIn(table('Directory'), areApart),
  connections: connectionsIn(table('Connections')),
  inboxes: inboxesIn(table('Inboxes')),
  overflow: overflowIn(table('Overflow')),
  members: membersIn(table('Members')),
  invitations: invitationsIn(table('Invitations')),
  history: historyIn(table('History')),
  credentials: credentialsIn(table('Credentials')),
  profiles: profilesIn(table('Profiles')),
  sessions: sessionsIn(table('Sessions')),
  rateLimits: rateLimitsIn(table('RateLimits')),
  copies: copiesIn(table('RateLimits')),
  verdicts: verdictsIn(table('RateLimits')),
});
