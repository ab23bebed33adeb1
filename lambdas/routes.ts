// Every function of the service, one row each: its use case, and its ports with the rights that they need. lib/ derives the
// bundle, role, route and environment. A command's row has the name of its definition. Rows create nothing until their
// handler is created, so that lib/ can read them. A bundle contains one row and what it names.

import * as passwordRules from '../chat/accounts/change-password.ts';
import * as checkSessionRules from '../chat/accounts/check-session.ts';
import * as createSessionRules from '../chat/accounts/create-session.ts';
import * as createUserRules from '../chat/accounts/create-user.ts';
import * as deletionRules from '../chat/accounts/delete-account.ts';
import * as recordRules from '../chat/accounts/erasure.ts';
import * as loginRules from '../chat/accounts/login.ts';
import * as logoutRules from '../chat/accounts/logout.ts';
import * as profileRules from '../chat/accounts/profiles.ts';
import * as registerRules from '../chat/accounts/register.ts';
import * as resetRules from '../chat/accounts/reset-password.ts';
import * as presenceRules from '../chat/delivery/presence.ts';
import * as groupProfileRules from '../chat/groups/group-profiles.ts';
import * as groupRules from '../chat/groups/groups.ts';
import * as invitationRules from '../chat/groups/invitations.ts';
import * as memberListRules from '../chat/groups/list-members.ts';
import * as ownerRules from '../chat/groups/moderation.ts';
import * as helpRules from '../chat/help.ts';
import * as historyRules from '../chat/history/fetch-history.ts';
import * as chatListRules from '../chat/history/list-chats.ts';
import * as replayRules from '../chat/history/replay.ts';
import * as changeRules from '../chat/messages/change-message.ts';
import * as readRules from '../chat/messages/mark-read.ts';
import * as sendRules from '../chat/messages/send.ts';
import * as systemRules from '../chat/messages/send-system.ts';
import * as typingRules from '../chat/messages/typing.ts';
import * as pingRules from '../chat/ping.ts';
import type { Runtime } from '../chat/ports.ts';
import * as syncRules from '../chat/sync/sync.ts';
import * as protocol from '../protocol/index.ts';
import { onApiCall } from './api.ts';
import { onConnect } from './connect.ts';
import { onUnmatched } from './default.ts';
import { onDisconnect } from './disconnect.ts';
import { onRecords } from './events.ts';
import { onFanOut } from './fan-out.ts';
import { operatorFunction, operatorRow } from './operator.ts';
import { lambdaFunction } from './runtime/lambda-function.ts';
import {
  batchWindow,
  beforeSend,
  commandFunctions,
  connections,
  copies,
  creations,
  credentials,
  deliveries,
  directory,
  eventBus,
  eventContent,
  eventSink,
  fanOutLimiter,
  fanOutPageSize,
  fanOutQueue,
  gateway,
  history,
  inboxes,
  invalidLogins,
  invitationPace,
  invitations,
  members,
  overflow,
  policy,
  profiles,
  provider,
  rateLimits,
  registrations,
  runtime,
  scans,
  secrets,
  sessions,
  translatedHashes,
  typings,
  verdicts,
} from './runtime/ports.ts';
import { freeRoute, HASHING, postingRoute, route } from './runtime/route.ts';

/** The ports to deliver a message (chat/delivery/deliver.ts): read inboxes, drop dead connections, mark messages pending. */
const delivering = () => ({
  connections: connections('GetItem', 'DeleteItem'),
  copies: copies(),
  gateway: deliveries(),
  inboxes: inboxes('BatchGetItem', 'UpdateItem'),
  fanOutQueue: fanOutQueue(),
  overflow: overflow('PutItem'),
  fanOutPageSize: fanOutPageSize(),
  batchWindow: batchWindow(),
  runtime: runtime(),
});

/** The ports to ask the operator's function about a message (chat/messages/before-send.ts). */
const asking = () => ({ beforeSend: beforeSend(), verdicts: verdicts() });

/** The ports to send events (chat/delivery/notify.ts): read inboxes, remove dead connections. */
const notifying = () => ({
  connections: connections('GetItem'),
  gateway: gateway('POST'),
  inboxes: inboxes('BatchGetItem', 'UpdateItem'),
  runtime: runtime(),
});

/** The ports to bind a connection to its user and deliver what is pending. */
const entering = () => ({
  connections: connections('PutItem', 'DeleteItem'),
  // GET only if the inbox lists the maximum number of devices.
  gateway: gateway('POST', 'DELETE', 'GET'),
  // BatchGetItem reads the texts of edits, here and below.
  history: history('Query', 'BatchGetItem'),
  // Reads and acknowledges the pointers in the overflow (chat/sync/pending-pointers.ts).
  overflow: overflow('Query', 'DeleteItem'),
  policy: policy(),
  runtime: runtime(),
});

/** The ports to answer a frame that has no function, or whose type is API Gateway's own (runtime/life-cycle.ts). */
const answering = () => ({ gateway: gateway('POST', 'DELETE') });

export const register = () =>
  freeRoute(
    protocol.register,
    registerRules.register,
    {
      credentials: credentials('PutItem'),
      inboxes: inboxes('PutItem'),
      // Reserving a name (chat/groups/reserve-name.ts) may take over an empty group.
      members: members('Query'),
      directory: directory('PutItem', 'UpdateItem'),
      policy: policy(),
      registrations: registrations(),
      secrets: secrets(),
      runtime: runtime(),
    },
    { hashesPasswords: translatedHashes(HASHING) },
  );

export const login = () =>
  postingRoute(
    protocol.login,
    loginRules.login,
    {
      ...entering(),
      credentials: credentials('GetItem'),
      invalidLogins: invalidLogins(),
      // `register` has created the user's inbox.
      inboxes: inboxes('UpdateItem'),
      // UpdateItem removes away notes.
      members: members('Query by-user', 'BatchGetItem', 'UpdateItem'),
      rateLimits: rateLimits(),
      secrets: secrets(),
      sessions: sessions('GetItem', 'PutItem'),
    },
    { hashesPasswords: translatedHashes(HASHING) },
  );

/** `login` if users come from an identity provider; it also creates them. */
export const loginByToken = () =>
  postingRoute(protocol.login, loginRules.loginByToken, {
    ...entering(),
    // UpdateItem notes the claims that have filled the profile.
    credentials: credentials('GetItem', 'PutItem', 'UpdateItem'),
    directory: directory('PutItem'),
    inboxes: inboxes('UpdateItem', 'PutItem'),
    members: members('Query by-user', 'BatchGetItem', 'UpdateItem'),
    profiles: profiles('UpdateItem'),
    provider: provider(),
  });

export const logout = () =>
  freeRoute(protocol.logout, logoutRules.logout, {
    connections: connections('GetItem', 'DeleteItem'),
    gateway: gateway('POST', 'DELETE'),
    inboxes: inboxes('UpdateItem'),
    invalidLogins: invalidLogins(),
    secrets: secrets(),
    sessions: sessions('GetItem', 'DeleteItem'),
    runtime: runtime(),
  });

export const changePassword = () =>
  route(
    protocol.changePassword,
    passwordRules.changePassword,
    {
      connections: connections('GetItem', 'PutItem', 'DeleteItem'),
      credentials: credentials('GetItem', 'PutItem'),
      gateway: gateway('POST', 'DELETE'),
      invalidLogins: invalidLogins(),
      inboxes: inboxes('BatchGetItem', 'UpdateItem'),
      rateLimits: rateLimits(),
      policy: policy(),
      secrets: secrets(),
      sessions: sessions('PutItem'),
      runtime: runtime(),
    },
    { hashesPasswords: translatedHashes(HASHING) },
  );

export const deleteAccount = () =>
  route(
    protocol.deleteAccount,
    deletionRules.deleteAccount,
    {
      ...notifying(),
      connections: connections('GetItem', 'DeleteItem'),
      credentials: credentials('GetItem', 'PutItem'),
      gateway: gateway('POST', 'DELETE'),
      // UpdateItem erases a text.
      history: history('Query', 'UpdateItem'),
      invalidLogins: invalidLogins(),
      invitations: invitations('Query', 'DeleteItem'),
      // Query finds the next owner of a group.
      members: members('GetItem', 'Query', 'Query by-user', 'DeleteItem'),
      directory: directory('GetItem', 'UpdateItem'),
      overflow: overflow('Query', 'DeleteItem'),
      policy: policy(),
      profiles: profiles('PutItem'),
      rateLimits: rateLimits(),
      secrets: secrets(),
    },
    { hashesPasswords: translatedHashes(HASHING) },
  );

export const sendMessage = () =>
  route(
    protocol.sendMessage,
    sendRules.sendMessage,
    {
      ...delivering(),
      ...asking(),
      history: history('Query', 'PutItem'),
      // PutItem creates the inbox if a registration has reserved the name but not created it yet.
      inboxes: inboxes('BatchGetItem', 'UpdateItem', 'PutItem'),
      // GetItem and Query: `send` in a text line may address a group.
      members: members('GetItem', 'Query', 'UpdateItem'),
      directory: directory('GetItem'),
    },
    { isSend: true },
  );

export const sendGroupMessage = () =>
  route(
    protocol.sendGroupMessage,
    sendRules.sendGroupMessage,
    {
      ...delivering(),
      ...asking(),
      history: history('Query', 'PutItem'),
      // UpdateItem writes away notes.
      members: members('GetItem', 'Query', 'UpdateItem'),
      directory: directory('GetItem'),
    },
    { isSend: true },
  );

export const editMessage = () =>
  route(protocol.editMessage, changeRules.editMessage, {
    ...delivering(),
    ...asking(),
    // UpdateItem puts the change into the message. BatchGetItem reads the current text if others wrote in between.
    history: history('Query', 'PutItem', 'GetItem', 'UpdateItem', 'BatchGetItem'),
    members: members('BatchGetItem', 'Query', 'UpdateItem'),
    directory: directory('GetItem'),
  });

export const deleteMessage = () =>
  route(protocol.deleteMessage, changeRules.deleteMessage, {
    ...delivering(),
    history: history('Query', 'PutItem', 'GetItem', 'UpdateItem'),
    members: members('BatchGetItem', 'Query', 'UpdateItem'),
    directory: directory('GetItem'),
  });

export const fetchHistory = () =>
  route(protocol.fetchHistory, historyRules.fetchHistory, {
    connections: connections('GetItem'),
    history: history('Query', 'BatchGetItem'),
    members: members('BatchGetItem'),
    directory: directory('GetItem'),
    runtime: runtime(),
  });

export const sync = () =>
  route(protocol.sync, syncRules.sync, {
    connections: connections('GetItem'),
    history: history('Query', 'BatchGetItem'),
    // Acknowledges pending messages once the client asks for the next page, in the inbox and in the overflow.
    inboxes: inboxes('BatchGetItem', 'UpdateItem'),
    members: members('Query by-user', 'BatchGetItem'),
    overflow: overflow('Query', 'DeleteItem'),
    runtime: runtime(),
  });

export const listChats = () =>
  route(protocol.listChats, chatListRules.listChats, {
    connections: connections('GetItem'),
    history: history('Query', 'BatchGetItem'),
    members: members('Query by-user', 'BatchGetItem'),
    runtime: runtime(),
  });

export const markRead = () =>
  route(protocol.markRead, readRules.markRead, {
    ...notifying(),
    history: history('Query'),
    members: members('BatchGetItem', 'UpdateItem'),
    directory: directory('GetItem'),
  });

export const typing = () =>
  route(protocol.typing, typingRules.typing, {
    ...notifying(),
    members: members('BatchGetItem', 'Query'),
    directory: directory('GetItem'),
    typings: typings(),
  });

export const createGroup = () =>
  route(protocol.createGroup, groupRules.createGroup, {
    ...notifying(),
    creations: creations(),
    history: history('Query'),
    members: members('Query', 'Query by-user', 'PutItem'),
    directory: directory('PutItem', 'UpdateItem'),
    profiles: profiles('UpdateItem'),
  });

// These four query Members if the owner is no longer a member, and tell the new one.
export const updateGroup = () =>
  route(protocol.updateGroup, ownerRules.updateGroup, {
    ...notifying(),
    members: members('GetItem', 'Query'),
    directory: directory('GetItem', 'UpdateItem'),
    profiles: profiles('UpdateItem'),
  });

export const setOwner = () =>
  route(protocol.setOwner, ownerRules.setOwner, {
    ...notifying(),
    members: members('GetItem', 'Query'),
    directory: directory('GetItem', 'UpdateItem'),
  });

export const invite = () =>
  route(protocol.invite, ownerRules.invite, {
    ...notifying(),
    invitations: invitations('GetItem', 'PutItem'),
    invitationPace: invitationPace(),
    members: members('GetItem', 'Query'),
    // DeleteItem deletes the removal record.
    directory: directory('GetItem', 'UpdateItem', 'DeleteItem'),
  });

export const removeMember = () =>
  route(protocol.removeMember, ownerRules.removeMember, {
    ...notifying(),
    invitations: invitations('GetItem', 'DeleteItem'),
    members: members('GetItem', 'Query', 'PutItem'),
    directory: directory('GetItem', 'UpdateItem', 'PutItem'),
  });

export const joinGroup = () =>
  route(protocol.joinGroup, groupRules.joinGroup, {
    ...notifying(),
    history: history('Query'),
    invitations: invitations('GetItem', 'DeleteItem'),
    // Query checks whether a group is empty, finds a new owner, and recounts.
    members: members('GetItem', 'Query', 'Query by-user', 'PutItem'),
    directory: directory('GetItem', 'UpdateItem'),
  });

export const leaveGroup = () =>
  route(protocol.leaveGroup, groupRules.leaveGroup, {
    ...notifying(),
    invitations: invitations('GetItem', 'DeleteItem'),
    // Query finds the next owner when the owner leaves, and counts the members after a recount.
    members: members('GetItem', 'Query', 'DeleteItem'),
    directory: directory('GetItem', 'UpdateItem'),
  });

export const listInvitations = () =>
  route(protocol.listInvitations, invitationRules.listInvitations, {
    connections: connections('GetItem'),
    // DeleteItem removes those to groups whose name is another's.
    invitations: invitations('Query', 'Query by-group', 'DeleteItem'),
    // Query checks whether a group is empty, BatchGetItem who of those invited has joined.
    members: members('GetItem', 'BatchGetItem', 'Query'),
    directory: directory('GetItem', 'BatchGetItem'),
    profiles: profiles('BatchGetItem'),
    runtime: runtime(),
  });

export const getGroups = () =>
  route(protocol.getGroups, groupProfileRules.getGroups, {
    connections: connections('GetItem'),
    members: members('BatchGetItem'),
    profiles: profiles('BatchGetItem'),
    runtime: runtime(),
  });

export const listMembers = () =>
  route(protocol.listMembers, memberListRules.listMembers, {
    connections: connections('GetItem'),
    gateway: gateway('GET'),
    // UpdateItem, here and below, removes dead connections (chat/delivery/online.ts).
    inboxes: inboxes('BatchGetItem', 'UpdateItem'),
    members: members('GetItem', 'Query'),
    directory: directory('GetItem'),
    runtime: runtime(),
  });

export const setProfile = () =>
  route(protocol.setProfile, profileRules.setProfile, {
    connections: connections('GetItem'),
    profiles: profiles('UpdateItem'),
    runtime: runtime(),
  });

export const getProfiles = () =>
  route(protocol.getProfiles, profileRules.getProfiles, {
    connections: connections('GetItem'),
    profiles: profiles('BatchGetItem'),
    runtime: runtime(),
  });

export const presence = () =>
  route(protocol.presence, presenceRules.presence, {
    connections: connections('GetItem'),
    gateway: gateway('GET'),
    inboxes: inboxes('BatchGetItem', 'UpdateItem'),
    runtime: runtime(),
  });

export const ping = () =>
  freeRoute(protocol.ping, (ports: { runtime: Runtime }) => pingRules.ping(ports.runtime), {
    runtime: runtime(),
  });

export const help = () => freeRoute(protocol.help, helpRules.help, { policy: policy() });

/** `$default`: invokes the function of the command. */
export const defaultRoute = () =>
  lambdaFunction({ ...answering(), invoke: commandFunctions('of clients') }, onUnmatched);

/** `$connect` if `allowedOrigins` is set. */
export const connect = () => lambdaFunction(answering(), onConnect);

export const disconnect = () =>
  lambdaFunction(
    {
      ...answering(),
      connections: connections('GetItem', 'DeleteItem'),
      inboxes: inboxes('UpdateItem'),
      runtime: runtime(),
    },
    onDisconnect,
  );

/** The server API, which backends invoke: it invokes the function of the command. */
export const serverApi = () =>
  lambdaFunction({ credentials: credentials('GetItem'), invoke: commandFunctions('all') }, onApiCall);

/** The ports to read or delete all that a user has, from end to end of the tables where no key leads to it. */
const recording = () => ({
  connections: connections('DeleteItem'),
  credentials: credentials('GetItem', 'PutItem'),
  directory: directory('GetItem', 'UpdateItem', 'DeleteItem'),
  gateway: gateway('POST', 'DELETE'),
  history: history('UpdateItem'),
  inboxes: inboxes('BatchGetItem', 'UpdateItem'),
  invitations: invitations('Query', 'DeleteItem'),
  members: members('GetItem', 'BatchGetItem', 'Query', 'Query by-user', 'DeleteItem'),
  overflow: overflow('Query', 'DeleteItem'),
  profiles: profiles('BatchGetItem', 'PutItem'),
  runtime: runtime(),
  scans: scans(),
  secrets: secrets(),
  sessions: sessions('DeleteItem'),
});

/** What only the operator may do. */
export const operator = () =>
  operatorFunction({
    create_user: operatorRow(protocol.createUser, createUserRules.createUser, {
      credentials: credentials('GetItem', 'PutItem'),
      directory: directory('PutItem', 'UpdateItem'),
      inboxes: inboxes('PutItem'),
      members: members('Query'),
      policy: policy(),
      secrets: secrets(),
      runtime: runtime(),
    }),
    create_session: operatorRow(protocol.createSession, createSessionRules.createSession, {
      credentials: credentials('GetItem'),
      inboxes: inboxes('BatchGetItem'),
      policy: policy(),
      secrets: secrets(),
      sessions: sessions('PutItem'),
      runtime: runtime(),
    }),
    check_session: operatorRow(protocol.checkSession, checkSessionRules.checkSession, {
      inboxes: inboxes('BatchGetItem'),
      policy: policy(),
      secrets: secrets(),
      sessions: sessions('GetItem'),
      runtime: runtime(),
    }),
    reset_password: operatorRow(protocol.resetPassword, resetRules.resetPassword, {
      connections: connections('DeleteItem'),
      credentials: credentials('GetItem', 'PutItem'),
      gateway: gateway('POST', 'DELETE'),
      inboxes: inboxes('BatchGetItem', 'UpdateItem'),
      policy: policy(),
      secrets: secrets(),
      runtime: runtime(),
    }),
    add_member: operatorRow(protocol.addMember, groupRules.addMember, {
      ...notifying(),
      connections: connections('DeleteItem'),
      credentials: credentials('GetItem'),
      directory: directory('GetItem', 'UpdateItem', 'DeleteItem'),
      history: history('Query'),
      invitations: invitations('GetItem', 'DeleteItem'),
      members: members('GetItem', 'Query', 'Query by-user', 'PutItem'),
    }),
    send_system_message: operatorRow(protocol.sendSystemMessage, systemRules.sendSystemMessage, {
      ...delivering(),
      connections: connections('DeleteItem'),
      credentials: credentials('GetItem'),
      directory: directory('GetItem'),
      history: history('Query', 'PutItem'),
      members: members('Query', 'UpdateItem'),
    }),
    replay_events: operatorRow(protocol.replayEvents, replayRules.replayEvents, {
      eventSink: eventSink(),
      history: history('Query'),
      scans: scans(),
      runtime: runtime(),
    }),
    delete_user: operatorRow(protocol.deleteUser, recordRules.deleteUser, recording()),
    export_user: operatorRow(protocol.exportUser, recordRules.exportUser, recording()),
  });

/** The consumer of the fan-out queue. */
export const fanOut = () =>
  lambdaFunction(
    {
      connections: connections('DeleteItem'),
      copies: copies(),
      fanOutLimiter: fanOutLimiter(),
      gateway: deliveries(),
      // GetItem is for the code of 0.2.0, which runs on this role while an update replaces it: drop it after the next release.
      // And Query, where messages wait for one another (lib/parley.ts).
      history: history('GetItem', 'BatchGetItem'),
      inboxes: inboxes('BatchGetItem', 'UpdateItem'),
      fanOutQueue: fanOutQueue(),
      members: members('Query', 'BatchGetItem', 'UpdateItem'),
      overflow: overflow('PutItem'),
      fanOutPageSize: fanOutPageSize(),
      batchWindow: batchWindow(),
      runtime: runtime(),
    },
    onFanOut,
  );

/** The consumer of the tables' streams, if `events` is set. */
export const events = () => lambdaFunction({ eventBus: eventBus(), eventContent: eventContent() }, onRecords);
