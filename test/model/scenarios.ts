import {
  accountDeleted,
  alice,
  allOpen,
  bob,
  bobLogsIn,
  bothWrite,
  carol,
  editingTwice,
  goingOnBehindOverflow,
  judged,
  lockedOut,
  opened,
  sending,
  writing,
} from './acts.ts';
import type { Scenario } from './execution.ts';
import {
  emptyingGroup,
  goesOnRegardless,
  invitedToGroup,
  invitedWhileJoining,
  joinTwice,
  joinWhatIsFull,
  leftBetweenEdits,
  nameTakenWhile,
  nameTakenWhileWriting,
  ownedByWhoLeaves,
  ownerAndHeirLeave,
  removedFromAnother,
  removedWhileJoining,
  saidToBeFull,
  threeInGroup,
  twoInGroup,
  withdrawnWhileJoining,
  writtenInGroup,
} from './groups.ts';
import {
  aliceToCarolThenBob,
  behindOverflow,
  catchUp,
  create,
  crowded,
  edit,
  expiring,
  join,
  leave,
  lively,
  logIn,
  logOut,
  noteOwed,
  noteWaiting,
  owedInGroup,
  owedOne,
  owedPages,
  readOne,
  remove,
  renew,
  say,
  send,
  stateWith,
  tokenOf,
  unsay,
  withSession,
} from './words.ts';

/** Alice writes to a group while Bob logs in. */
const saidWhileLoggingIn: Scenario['actors'] = {
  alice: alice(opened({ a1: 'alice' }, writing(['bob'], 'k1'))),
  bob: bobLogsIn,
};

/** Alice logs out everywhere while somebody who has a token of hers logs in, and Bob writes to her. */
const loggedOutEverywhere = (what: string, token: string): Scenario => ({
  name: `logout everywhere while somebody logs in with ${what} and a message arrives; a crash and a repeated call`,
  state: () => withSession(stateWith({ alice: ['a1'], bob: ['b1'] }), 'alice', token),
  actors: lockedOut(token),
  budget: { crash: 1, twice: 1 },
});

/** A page of the member list is one member; messages in quick succession wait for one another. */
const waiting = { fanOutPageSize: 1, batchWindow: 10_000 };

/** Small enough to be searched whole. */
export const scenarios: Scenario[] = [
  {
    name: 'send to a user who is logging in; a crash, then a retry',
    state: () => stateWith({ alice: ['a1'], bob: [] }),
    actors: {
      alice: alice(sending('k1')),
      bob: bobLogsIn,
    },
    budget: { crash: 1 },
  },
  {
    name: 'two messages while the recipient logs in, is cut off and logs in again',
    state: () => stateWith({ alice: ['a1'], bob: [] }),
    actors: {
      alice: alice(sending('k1', 'k2')),
      bob: bob(async (actor, log) => {
        await logIn(actor, log, 'bob', 'b1');
        actor.close('b1');
        await logIn(actor, log, 'bob', 'b2');
      }),
    },
    budget: {},
  },
  {
    name: 'two messages to an online user who is cut off and logs in again; a crash',
    state: () => stateWith({ alice: ['a1'], bob: ['b0'] }),
    actors: {
      alice: alice(sending('k1', 'k2')),
      bob: bob(opened({ b0: 'bob' }, (actor, log) => logIn(actor, log, 'bob', 'b1'))),
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'two users write to one chat at once, each twice; clocks differ; a crash',
    state: () => stateWith({ alice: ['a1', 'a2'], bob: ['b1'] }),
    actors: bothWrite,
    budget: { crash: 1 },
  },
  {
    name: 'two devices log in at once, one logs out, while a message arrives; a crash',
    state: () => stateWith({ alice: ['a1'], bob: [] }),
    actors: {
      alice: alice(sending('k1')),
      phone: bobLogsIn,
      laptop: bob(async (actor, log) => {
        await logIn(actor, log, 'bob', 'b2');
        await logOut(actor, 'b2');
      }),
    },
    budget: { crash: 1 },
  },
  {
    name: 'login with a pending message while calls take effect twice and the store fails',
    state: () => owedOne('a1'),
    actors: {
      alice: alice(sending('k1')),
      bob: bob((actor, log) => {
        log.sent.push({
          sender: 'alice',
          recipients: ['bob'],
          message_id: 'old',
          chat_id: 'alice:bob',
          seq: 1,
        });
        return logIn(actor, log, 'bob', 'b1');
      }),
    },
    budget: { twice: 1, fail: 1, cut: 1 },
  },
  {
    name: 'pages of several pending chats while a message arrives and the client is cut off; a crash',
    state: () => owedPages('a1'),
    actors: {
      alice: alice(sending('k1')),
      bob: bob((actor, log) => {
        noteOwed(log, owedPages('a1'), 'bob');
        return catchUp(actor, log, 'bob', 'b1');
      }),
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'two users write to an away user with a full inbox, who logs in and is cut off; a crash',
    state: () => ({ ...stateWith({ alice: ['a1'], bob: [], carol: ['c1'] }), room: 0 }),
    actors: {
      alice: alice(sending('k1')),
      carol: carol((actor, log) =>
        send(actor, log, { from: 'carol', to: 'bob', connection: 'c1', key: 'k2' }),
      ),
      bob: bobLogsIn,
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'two logins with an overflow, cut off in between, while a message arrives; a repeated call',
    state: () => crowded(owedOne('a1')),
    actors: {
      alice: alice(sending('k1')),
      bob: bob(async (actor, log) => {
        noteOwed(log, owedOne('a1'), 'bob');
        await logIn(actor, log, 'bob', 'b1');
        actor.close('b1');
        await logIn(actor, log, 'bob', 'b2');
      }),
    },
    budget: { twice: 1, fail: 1 },
  },
  {
    name: 'pages of an overflow while a message arrives and the client is cut off; a crash',
    state: () => crowded(owedPages('a1'), 1),
    actors: {
      alice: alice(sending('k1')),
      bob: bob((actor, log) => {
        noteOwed(log, owedPages('a1'), 'bob');
        return catchUp(actor, log, 'bob', 'b1');
      }),
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'part of an overflow is acknowledged while a message arrives and the client is cut off; a crash',
    state: () => behindOverflow('a1', 'b1', 'a part'),
    actors: goingOnBehindOverflow,
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'two group messages while a member with a full inbox logs in and is cut off; a crash',
    state: () => crowded(owedInGroup('a1')),
    actors: {
      alice: alice(opened({ a1: 'alice' }, writing(['bob'], 'k1', 'k2'))),
      bob: bobLogsIn,
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'two members write to a group at once while the third logs in; a repeated call and a crash',
    state: () => stateWith({ alice: ['a1'], bob: ['b1'], carol: [] }, { team: ['alice', 'bob', 'carol'] }),
    actors: {
      alice: alice(opened({ a1: 'alice', b1: 'bob' }, writing(['bob', 'carol'], 'k'))),
      bob: bob((actor, log) =>
        say(actor, log, {
          from: 'bob',
          to: 'team',
          connection: 'b1',
          key: 'k',
          recipients: ['alice', 'carol'],
        }),
      ),
      carol: carol((actor, log) => logIn(actor, log, 'carol', 'c1')),
    },
    budget: { twice: 1, crash: 1 },
  },
  {
    name: 'a user joins a group, leaves it and logs in again while a message is sent to it',
    state: () => stateWith({ alice: ['a1'], bob: ['b1'] }, { team: ['alice'] }),
    actors: {
      alice: alice(opened({ a1: 'alice', b1: 'bob' }, writing([], 'k'))),
      bob: bob(async (actor, log) => {
        await join(actor, log, 'bob', 'team', 'b1');
        await leave(actor, log, 'team', 'b1', ['b2']);
        await logOut(actor, 'b1');
        await logIn(actor, log, 'bob', 'b2');
      }),
    },
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner removes a member, who logs in again, while another member writes; a repeated call and a crash',
    state: () =>
      stateWith({ alice: ['a1'], bob: ['b1'], carol: ['c1'] }, { team: ['alice', 'bob', 'carol'] }),
    actors: {
      alice: alice(
        opened({ a1: 'alice', b1: 'bob', c1: 'carol' }, async (actor, log) => {
          const later = ['b1', 'b2'];
          await remove(actor, log, { group: 'team', username: 'bob', connection: 'a1', later });
          await logIn(actor, log, 'bob', 'b2');
        }),
      ),
      carol: carol((actor, log) =>
        say(actor, log, { from: 'carol', to: 'team', connection: 'c1', key: 'k', recipients: ['alice'] }),
      ),
    },
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'two members write to a group while an away member with pending messages logs in and is cut off; a crash and a repeated call',
    state: () => owedInGroup('a1'),
    actors: {
      alice: alice(opened({ a1: 'alice' }, writing(['bob'], 'k1', 'k2'))),
      bob: bobLogsIn,
    },
    budget: { crash: 1, cut: 1, twice: 1 },
  },
  {
    name: 'a member with an away note logs in while a message is sent and an old one is retried',
    state: () => owedInGroup('a1', 2),
    actors: {
      alice: alice(opened({ a1: 'alice' }, writing(['bob'], 'k0 1', 'k1'))),
      bob: bobLogsIn,
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'a member whose login died goes on with sync while a message is sent to their group; a crash',
    state: () => owedInGroup('a1', 2),
    actors: goesOnRegardless(),
    budget: { crash: 1 },
  },
  {
    name: 'a large group message in the queue while a member logs in and is cut off; a failed call and a crash',
    fanOutPageSize: 1,
    state: () => stateWith({ alice: ['a1'], bob: [] }, { team: ['alice', 'bob'] }),
    actors: saidWhileLoggingIn,
    budget: { fail: 1, crash: 1, cut: 1 },
  },
  {
    name: 'a large group message in the queue while a member logs in and is cut off; a late write and a crash',
    fanOutPageSize: 1,
    state: () => stateWith({ alice: ['a1'], bob: [] }, { team: ['alice', 'bob'] }),
    actors: saidWhileLoggingIn,
    budget: { late: 1, crash: 1, cut: 1 },
  },
  {
    name: 'a large group message in the queue while a member leaves and another logs in; a crash',
    fanOutPageSize: 1,
    state: () => stateWith({ alice: ['a1'], bob: ['b1'], carol: [] }, { team: ['alice', 'bob', 'carol'] }),
    actors: {
      alice: alice(opened({ a1: 'alice', b1: 'bob' }, writing(['carol'], 'k1'))),
      bob: bob((actor, log) => leave(actor, log, 'team', 'b1', [])),
      carol: carol((actor, log) => logIn(actor, log, 'carol', 'c1')),
    },
    budget: { crash: 1 },
  },
  {
    name: 'two messages that wait for one another in the queue while a member logs in and is cut off; a crash',
    ...waiting,
    state: () => lively({ alice: ['a1'], bob: [] }, ['alice', 'bob']),
    actors: {
      alice: alice(opened({ a1: 'alice' }, writing(['bob'], 'k1'))),
      bob: bob((actor, log) => {
        noteWaiting(log, 'bob');
        return logIn(actor, log, 'bob', 'b1');
      }),
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'messages of two members that wait for one another in the queue; a failed call and a crash',
    ...waiting,
    state: () => lively({ alice: ['a1'], bob: ['b1'] }, ['alice', 'bob']),
    actors: {
      alice: alice(opened({ a1: 'alice', b1: 'bob' }, writing(['bob'], 'k1'))),
      bob: bob((actor, log) => {
        noteWaiting(log, 'bob');
        return say(actor, log, {
          from: 'bob',
          to: 'team',
          connection: 'b1',
          key: 'k2',
          recipients: ['alice'],
        });
      }),
    },
    budget: { fail: 1, crash: 1 },
  },
  {
    name: 'two messages that wait for one another in the queue while a member leaves and another user joins; a late write',
    ...waiting,
    state: () => lively({ alice: ['a1'], bob: ['b1'], carol: ['c1'] }, ['alice', 'bob']),
    actors: {
      alice: alice(opened({ a1: 'alice', b1: 'bob', c1: 'carol' }, writing([], 'k1'))),
      bob: bob((actor, log) => leave(actor, log, 'team', 'b1', [])),
      carol: carol((actor, log) => join(actor, log, 'carol', 'team', 'c1')),
    },
    budget: { late: 1 },
  },
  {
    name: 'a message to a user whose login fails and may take effect late, on a connection where another user logs in next',
    state: () => stateWith({ alice: ['a1'], bob: [], carol: [] }),
    actors: aliceToCarolThenBob(),
    budget: { late: 1 },
  },
  {
    name: 'two messages to a user whose token has expired, who renews the login on the same connection; a crash',
    state: expiring,
    actors: {
      alice: alice(opened({ b1: 'bob' }, sending('k1', 'k2'))),
      bob: bob((actor, log) => renew(actor, log, 'bob', 'b1')),
    },
    budget: { crash: 1 },
  },
  loggedOutEverywhere('a token of that user', 'stolen'),
  loggedOutEverywhere("an identity provider's token of that user", tokenOf('alice')),
  {
    name: 'an account is deleted while its user logs in on another device and writes; a crash and a repeated call',
    state: () => stateWith({ alice: ['a1'], bob: [] }, { team: ['alice', 'bob'] }),
    actors: accountDeleted(),
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the last member leaves a group while one user joins it and another takes its name; a crash',
    state: emptyingGroup,
    actors: nameTakenWhile(),
    budget: { crash: 1 },
  },
  {
    name: 'two users take the name of an empty group at once while a third joins it; a repeated call',
    state: () => {
      const state = stateWith({ alice: ['a1'], bob: ['b1'], carol: ['c1'] }, { team: [] });
      state.history['#team'] = [{ chat: '#team', seq: 1, id: 'old', sender: 'alice', content: 'old', at: 0 }];
      return state;
    },
    actors: {
      alice: alice(
        opened({ a1: 'alice', b1: 'bob', c1: 'carol' }, (actor, log) =>
          create(actor, log, { username: 'alice', group: 'team', connection: 'a1', hidden: ['old'] }),
        ),
      ),
      bob: bob((actor, log) => join(actor, log, 'bob', 'team', 'b1')),
      carol: carol(async (actor, log) => {
        await create(actor, log, { username: 'carol', group: 'team', connection: 'c1', hidden: ['old'] });
      }),
    },
    budget: { twice: 1 },
  },
  {
    name: 'a member writes and leaves while another user takes the name of the group and writes; a crash and a repeated call',
    state: emptyingGroup,
    actors: nameTakenWhileWriting(),
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner removes a member who leaves and joins again; a crash and a repeated call',
    state: twoInGroup,
    actors: removedWhileJoining(),
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner removes a user who is joining by invitation; a crash and a repeated call',
    state: invitedToGroup,
    actors: { ...removedWhileJoining(), bob: bob(joinTwice) },
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner removes a user who is joining by invitation, and invites them again; a crash and a repeated call',
    state: invitedToGroup,
    actors: invitedWhileJoining(),
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner withdraws the invitation of a user who is joining by it; a crash and a repeated call',
    state: invitedToGroup,
    actors: withdrawnWhileJoining(),
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner leaves, and so does the longest-standing member; a crash',
    state: threeInGroup,
    actors: ownerAndHeirLeave(),
    budget: { crash: 1 },
  },
  {
    name: 'the owner hands the group to a member who leaves; a crash and a repeated call',
    state: threeInGroup,
    actors: ownedByWhoLeaves(),
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner removes a member while the group ends and the member joins the next group of that name',
    state: twoInGroup,
    actors: removedFromAnother(),
    budget: {},
  },
  {
    name: 'two users join a group that wrongly counts as full while a member leaves it; a crash',
    state: saidToBeFull,
    actors: joinWhatIsFull(),
    budget: { crash: 1 },
  },
  {
    name: 'a message is deleted while an edit of it is under way, then a client fetches everything; a crash and a repeated call',
    state: () => readOne(['a1', 'a2'], 'b1'),
    actors: {
      phone: alice((actor) => edit(actor, 'a1', 'another secret')),
      laptop: carol(
        opened(allOpen, async (actor, log) => {
          await unsay(actor, log, 'a2', ['b2']);
          await catchUp(actor, log, 'bob', 'b2');
        }),
      ),
    },
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'a message is edited on two devices at once while a third client fetches everything; a crash and a repeated call',
    state: () => readOne(['a1', 'a2'], 'b1'),
    actors: editingTwice,
    budget: { crash: 1, twice: 1 },
  },
  ...(['one text', 'two texts'] as const).map(
    (texts): Scenario => ({
      name: `${texts} with one key from two devices, of which the function before messages denies one; two crashes and a repeated call`,
      state: () => stateWith({ alice: ['a1', 'a2'], bob: [] }),
      actors: judged(texts),
      budget: { crash: 2, twice: 1 },
    }),
  ),
  {
    name: 'a member leaves a group while a message is edited, and then it is edited again; a crash and a cut connection',
    state: writtenInGroup,
    actors: leftBetweenEdits(),
    budget: { crash: 1, cut: 1 },
  },
];
