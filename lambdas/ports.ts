import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { meterOf } from '../chat/meter.ts';
import { INVITATION_EVERY } from '../chat/own-groups.ts';
import { paceOf } from '../chat/pace.ts';
import { TYPING_EVERY } from '../chat/typing.ts';
import { connectionsIn } from '../store/connections.ts';
import { copiesIn } from '../store/copies.ts';
import { credentialsIn } from '../store/credentials.ts';
import { documents } from '../store/documents.ts';
import { historyIn } from '../store/history.ts';
import { inboxesIn } from '../store/inboxes.ts';
import { levelsIn } from '../store/levels.ts';
import { membersIn } from '../store/members.ts';
import { namesIn } from '../store/names.ts';
import { overflowIn } from '../store/overflow.ts';
import { sessionsIn } from '../store/sessions.ts';
import { managementApi } from './aws/management-api.ts';
import { signingOnce } from './aws/signing-once.ts';
import { env } from './env.ts';
import { gatewayOf } from './gateway.ts';
import {
  delivering,
  observedConnections,
  observedGateway,
  observedHistory,
  observedInboxes,
  observedOverflow,
} from './observed.ts';
import { hopelessLogins, registering, retention, sends } from './policy.ts';
import { requestHandler } from './request-handler.ts';
import { spendUnits } from './spent.ts';
import { world } from './world.ts';

// Everything here is pure to the bundler: a function carries, and reads from its environment, only what it
// uses. Clients are made once, outside the handlers, and keep their connections from one event to the next.

const dynamo = /* @__PURE__ */ (() =>
  documents(signingOnce(new DynamoDBClient({ requestHandler, cacheMiddleware: true })), spendUnits))();

const table = /* @__PURE__ */ (variable: string) => ({ client: dynamo, name: env(variable) });

export const names = /* @__PURE__ */ (() => namesIn(table('NAMES_TABLE')))();
export const connections = /* @__PURE__ */ (() =>
  observedConnections(connectionsIn(table('CONNECTIONS_TABLE'))))();
export const inboxes = /* @__PURE__ */ (() => observedInboxes(inboxesIn(table('INBOXES_TABLE'))))();
export const overflow = /* @__PURE__ */ (() => observedOverflow(overflowIn(table('OVERFLOW_TABLE'))))();
export const members = /* @__PURE__ */ (() => membersIn(table('MEMBERS_TABLE')))();
export const history = /* @__PURE__ */ (() =>
  observedHistory(
    historyIn(
      table('HISTORY_TABLE'),
      retention === undefined ? undefined : { keep: retention, now: world.now },
    ),
  ))();
export const credentials = /* @__PURE__ */ (() => credentialsIn(table('CREDENTIALS_TABLE')))();
export const sessions = /* @__PURE__ */ (() => sessionsIn(table('SESSIONS_TABLE')))();
export const levels = /* @__PURE__ */ (() => levelsIn(table('LEVELS_TABLE')))();
/** They share a table: both are forgotten soon. */
export const copies = /* @__PURE__ */ (() => copiesIn(table('LEVELS_TABLE')))();
export const meter = /* @__PURE__ */ (() => meterOf(levels, 'requests', sends, world))();
/** As `meter`, for what a queue brings: an instance has each sender rarely, so it keeps nothing back. */
export const fanOutMeter = /* @__PURE__ */ (() => meterOf(levels, 'requests', sends, world, { share: 0 }))();
// A hundredth of the burst at a time: where few are allowed, each one is counted before it is let through.
export const registrations = /* @__PURE__ */ (() =>
  meterOf(levels, 'registrations', registering, world, { share: 1 / 100 }))();
/** Of groups that are made, likewise: each holds a name. */
export const creations = /* @__PURE__ */ (() =>
  meterOf(levels, 'groups', registering, world, { share: 1 / 100 }))();
/** Logins that cannot succeed: they guess nothing, and cost what looking a name up costs. */
export const hopeless = /* @__PURE__ */ (() =>
  meterOf(levels, 'logins that cannot succeed', hopelessLogins, world))();

export const typings = /* @__PURE__ */ (() => paceOf(levels, 'typing', TYPING_EVERY, world))();

export const invitations = /* @__PURE__ */ (() => paceOf(levels, 'invitation', INVITATION_EVERY, world))();

export const gateway = /* @__PURE__ */ (() =>
  observedGateway(gatewayOf(managementApi({ endpoint: env('CALLBACK_URL'), region: env('AWS_REGION') }))))();

/** For messages to their recipients, which are counted and timed. */
export const deliveries = /* @__PURE__ */ (() => delivering(gateway))();
