import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { INVITATION_EVERY } from '../../chat/groups/moderation.ts';
import { TYPING_EVERY } from '../../chat/messages/typing.ts';
import type { Millis, Policy, Rate } from '../../chat/model.ts';
import type {
  BeforeSend,
  Cooldown,
  EventSink,
  Gateway,
  IdentityProvider,
  RateLimiter,
  Runtime,
  Scans,
  Secrets,
} from '../../chat/ports.ts';
import { cooldownOf } from '../../chat/rate-limits/cooldown.ts';
import { rateLimiterOf } from '../../chat/rate-limits/rate-limiter.ts';
import { connectionsIn } from '../../store/connections.ts';
import { copiesIn } from '../../store/copies.ts';
import { credentialsIn } from '../../store/credentials.ts';
import { directoryIn } from '../../store/directory.ts';
import { documents } from '../../store/documents.ts';
import { historyIn, type Retention } from '../../store/history.ts';
import { inboxesIn } from '../../store/inboxes.ts';
import { invitationsIn } from '../../store/invitations.ts';
import { membersIn } from '../../store/members.ts';
import { overflowIn } from '../../store/overflow.ts';
import { profilesIn } from '../../store/profiles.ts';
import { rateLimitsIn } from '../../store/rate-limits.ts';
import { scansIn } from '../../store/scans.ts';
import { sessionsIn } from '../../store/sessions.ts';
import type { Table } from '../../store/table.ts';
import { verdictsIn } from '../../store/verdicts.ts';
import { beforeSendOf } from '../aws/before-send.ts';
import { type PutEvents, putEventsOn, sinkOf } from '../aws/event-bus.ts';
import { queue } from '../aws/fan-out-queue.ts';
import { gatewayOf } from '../aws/gateway.ts';
import { httpOptions } from '../aws/http-options.ts';
import { type Invoke, invokeIn } from '../aws/invoke.ts';
import { managementApi } from '../aws/management-api.ts';
import { signingOnce } from '../aws/signing-once.ts';
import * as config from './config.ts';
import { env } from './env.ts';
import { type ConnectionAction, type TableAction, type TableName, tableVariable } from './grants.ts';
import { identityProvider } from './identity-provider.ts';
import {
  instrumentedConnections,
  instrumentedDeliveries,
  instrumentedGateway,
  instrumentedHistory,
  instrumentedInboxes,
  instrumentedOverflow,
} from './instrumented.ts';
import type { Port } from './lambda-function.ts';
import { lambdaRuntime } from './lambda-runtime.ts';
import { once } from './once.ts';
import { passwordsAndTokens } from './passwords.ts';
import { spendUnits } from './spending.ts';

// The ports that routes.ts names, each with the rights that its function needs. A bundle contains only the ports that its
// function names, and nothing is created before its handler. Clients are created once, and reuse their connections.

const dynamo = /* @__PURE__ */ once(() =>
  documents(
    signingOnce(new DynamoDBClient({ requestHandler: httpOptions, cacheMiddleware: true })),
    spendUnits,
  ),
);

/** How long messages are kept; undefined for ever. */
function retention(): Retention | undefined {
  const keep = config.retention();
  return keep === undefined ? undefined : { keep, now: lambdaRuntime.now };
}

/** A port that is stored in a table. */
const stored =
  <T>(name: TableName, storeIn: (table: Table) => T) =>
  (...actions: [TableAction, ...TableAction[]]): Port<T> => ({
    make: () => storeIn({ client: dynamo(), name: env(tableVariable(name)) }),
    grants: { tables: { [name]: actions } },
  });

export const directory = /* @__PURE__ */ stored('Directory', (table) =>
  directoryIn(table, config.users() === 'provided'),
);
export const connections = /* @__PURE__ */ stored('Connections', (table) =>
  instrumentedConnections(connectionsIn(table)),
);
export const inboxes = /* @__PURE__ */ stored('Inboxes', (table) => instrumentedInboxes(inboxesIn(table)));
export const overflow = /* @__PURE__ */ stored('Overflow', (table) =>
  instrumentedOverflow(overflowIn(table)),
);
export const members = /* @__PURE__ */ stored('Members', membersIn);
export const invitations = /* @__PURE__ */ stored('Invitations', invitationsIn);
export const history = /* @__PURE__ */ stored('History', (table) => {
  return instrumentedHistory(historyIn(table, retention()));
});
export const credentials = /* @__PURE__ */ stored('Credentials', credentialsIn);
export const profiles = /* @__PURE__ */ stored('Profiles', profilesIn);
export const sessions = /* @__PURE__ */ stored('Sessions', sessionsIn);
const rateLimitsFor = /* @__PURE__ */ stored('RateLimits', rateLimitsIn);
/**
 * Claims of fan-out parts (chat/delivery/fan-out-parts.ts), in the table RateLimits because they expire soon, too. Lists of
 * messages that go together are read with the BatchGetItem of `fanOutLimiter`.
 */
export const copies = (): Port<ReturnType<typeof copiesIn>> => stored('RateLimits', copiesIn)('PutItem');

/** The table that rate limiters count in. */
export const rateLimits = () => rateLimitsFor('BatchGetItem', 'PutItem');

/** @param share see `rateLimiterOf` */
function rateLimiter(what: string, rateOf: () => Rate | undefined, share?: number): Port<RateLimiter> {
  const { make, grants } = rateLimits();
  return {
    make: () => rateLimiterOf(make(), what, rateOf(), lambdaRuntime, share === undefined ? {} : { share }),
    grants,
  };
}

/** Limits each user's requests (metered.ts). */
export const requestLimiter = () => rateLimiter('requests', config.sendRate);
/** Like `requestLimiter`, for queued work: an instance rarely sees the same sender twice, so it caches nothing. */
export const fanOutLimiter = () => rateLimiter('requests', config.sendRate, 0);
// Counts a hundredth of the burst at a time; with a small burst, each request before it is admitted.
export const registrations = () => rateLimiter('registrations', config.registerRate, 1 / 100);
/** Limits created groups, since each takes a name. */
export const creations = () => rateLimiter('groups', config.registerRate, 1 / 100);
/** Limits commands that hash passwords, if `$default` translated them: their routes' throttle didn't see these. */
export const translatedHashes = (rate: Rate) => rateLimiter('passwords by typed lines', () => rate);
/** Limits logins that can't succeed, and logouts of no session: they guess nothing, but each costs a lookup. */
export const invalidLogins = () => rateLimiter('logins that cannot succeed', config.invalidLoginRate);

function cooldown(what: string, every: number): Port<Cooldown> {
  const { make, grants } = rateLimits();
  return { make: () => cooldownOf(make(), what, every, lambdaRuntime), grants };
}

export const typings = () => cooldown('typing', TYPING_EVERY);
export const invitationPace = () => cooldown('invitation', INVITATION_EVERY);

const stage = (): Gateway =>
  instrumentedGateway(gatewayOf(managementApi({ endpoint: env('CALLBACK_URL'), region: env('AWS_REGION') })));

/** The gateway, with the actions that the function may perform. */
export const gateway = (...actions: [ConnectionAction, ...ConnectionAction[]]): Port<Gateway> => ({
  make: stage,
  grants: { connections: actions },
});

/** The gateway for messages to recipients, with metrics. It may close connections to which a post fails. */
export const deliveries = (): Port<Gateway> => ({
  make: () => instrumentedDeliveries(stage()),
  grants: { connections: ['POST', 'DELETE'] },
});

/** The queue for the rest of a fan-out. */
export const fanOutQueue = () => ({ make: () => queue, grants: { fanOutQueue: true } });

// API Gateway waits 29 s for `$default`, which must still have time to post an answer. Nobody but backends waits for the server
// API: there, functions that use up their time can still say so (lib/parley.ts).
const LONGEST_MS = { 'of clients': 25_000, all: 55_000 };

/** Invokes the functions of commands. */
export const commandFunctions = (which: 'of clients' | 'all'): Port<Invoke> => ({
  make: () => invokeIn(env('AWS_REGION'), LONGEST_MS[which]),
  grants: { commandFunctions: which },
});

/** Reads whole tables. For the operator alone. */
export const scans = (): Port<Scans> => ({
  make: () => {
    const table = (name: TableName) => ({ client: dynamo(), name: env(tableVariable(name)) });
    const scanned = {
      History: table('History'),
      Directory: table('Directory'),
      Sessions: table('Sessions'),
      Connections: table('Connections'),
    };
    return scansIn(scanned, retention());
  },
  grants: {
    tables: { History: ['Scan'], Directory: ['Scan'], Sessions: ['Scan'], Connections: ['Scan'] },
  },
});

/** The verdicts on messages, in the table RateLimits because they expire, too. */
export const verdicts = () => stored('RateLimits', verdictsIn)('PutItem');

/** Of a function's ARN: the operator's may be elsewhere. */
const regionOf = (arn: string): string => arn.split(':')[3] || env('AWS_REGION');

/** Asks the operator's function before a message is stored, in a deployment that has one. */
export const beforeSend = (): Port<BeforeSend | undefined> => ({
  make: () => {
    const asks = config.beforeSend();
    return (
      asks && beforeSendOf(invokeIn(regionOf(asks.functionName), asks.timeout), asks.functionName, asks.fails)
    );
  },
  grants: { beforeSend: true },
});

/** Puts events on the bus. */
export const eventBus = (): Port<PutEvents> => ({
  make: () => putEventsOn(env('EVENT_BUS'), env('AWS_REGION')),
  grants: { eventBus: true },
});

/** Puts events on the bus once more, in a deployment that has one. */
export const eventSink = (): Port<EventSink | undefined> => ({
  make: () =>
    process.env.EVENT_BUS === undefined
      ? undefined
      : sinkOf(putEventsOn(env('EVENT_BUS'), env('AWS_REGION')), config.eventContent()),
  grants: { eventBus: true },
});

const ungranted = <T>(make: () => T): Port<T> => ({ make, grants: {} });

export const runtime = (): Port<Runtime> => ungranted(() => lambdaRuntime);
export const policy = (): Port<Policy> => ungranted(config.policy);
export const provider = (): Port<IdentityProvider> => ungranted(identityProvider);
export const fanOutPageSize = (): Port<number> => ungranted(config.fanOutPageSize);
export const batchWindow = (): Port<Millis> => ungranted(config.batchWindow);
export const eventContent = (): Port<boolean> => ungranted(config.eventContent);
export const secrets = (): Port<Secrets> => ungranted(() => passwordsAndTokens);
