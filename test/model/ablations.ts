import type { Inbox, LogEntry, Member } from '../../chat/model.ts';
import type { AllPorts, MemoryState } from '../support/memory.ts';
import {
  accountDeleted,
  alice,
  allOpen,
  bob,
  bobLogsIn,
  bothWrite,
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
  joinWhatIsFull,
  leftBetweenEdits,
  nameTakenAtOnce,
  nameTakenWhileWriting,
  ownedByWhoLeaves,
  ownerAndHeirLeave,
  removedFromAnotherAtOnce,
  removedWhileJoining,
  saidToBeFull,
  threeInGroup,
  twoInGroup,
  withdrawnWhileJoining,
  writtenInGroup,
} from './groups.ts';
import {
  aliceToCarolThenBob,
  behindGroup,
  behindOverflow,
  bring,
  catchUp,
  crowded,
  edit,
  expiring,
  goOnBehind,
  join,
  leave,
  lively,
  logIn,
  logOut,
  noteOwed,
  noteWaiting,
  over,
  owedInGroup,
  owedOne,
  owedPages,
  readOne,
  renew,
  say,
  send,
  stateWith,
  tokenOf,
  unsay,
  withSession,
} from './words.ts';

/** A removed safeguard, and a scenario in which that breaks a promise. */
export interface Ablation {
  without: string;
  alter: (ports: AllPorts) => AllPorts;
  scenario: Scenario;
}

const scene = (
  name: string,
  state: () => MemoryState,
  actors: Scenario['actors'],
  budget: Scenario['budget'] = {},
): Scenario => ({ name, state, actors, budget });

const bothAlices = () => stateWith({ alice: ['a1', 'a2'], bob: [] });
const bobAway = () => stateWith({ alice: ['a1'], bob: [] });
const toWhoLogsIn = (budget?: Scenario['budget'], ...keys: string[]) =>
  scene(
    'to who logs in',
    bobAway,
    {
      alice: alice(sending(...(keys.length ? keys : ['k1']))),
      bob: bobLogsIn,
    },
    budget,
  );
const writtenByBoth = (budget?: Scenario['budget']) =>
  scene('both write', () => stateWith({ alice: ['a1', 'a2'], bob: ['b1'] }), bothWrite, budget);

/** The client logs out and in again on a connection whose first login has answered, but is not through. */
const twiceOnOneConnection = scene(
  'logs in twice on one connection',
  () => owedOne('a1'),
  {
    bob: bobLogsIn,
    'and then': bob(async (actor, log) => {
      await logOut(actor, 'b1');
      await send(actor, log, { from: 'alice', to: 'bob', connection: 'a1' });
      await logIn(actor, log, 'bob', 'b1');
    }),
  },
  { crash: 1 },
);

const renewing = scene('renews an expired login', expiring, {
  alice: alice(opened({ b1: 'bob' }, (actor, log) => sending('k1')(actor, log))),
  bob: bob((actor, log) => renew(actor, log, 'bob', 'b1')),
});

/** Alice logs out everywhere while somebody who has a token of hers logs in, and Bob writes to her. */
const lockedOutBy = (token: string) =>
  scene(
    'logs out everywhere while somebody logs in with a token',
    () => withSession(stateWith({ alice: ['a1'], bob: ['b1'] }), 'alice', token),
    lockedOut(token),
  );
const lockedOutByToken = lockedOutBy('stolen');

const backInGroup = (away?: number, key = 'k1') =>
  scene('comes back to a group that writes', () => owedInGroup('a1', away), {
    alice: alice(opened({ a1: 'alice' }, writing(['bob'], key, 'k2'))),
    bob: bobLogsIn,
  });

/** A page of the member list is one member, so that Bob's comes through the queue. */
const throughTheQueue = (budget: Scenario['budget']): Scenario => ({
  ...scene(
    'a message to a large group',
    () => stateWith({ alice: ['a1'], bob: ['b1'] }, { team: ['alice', 'bob'] }),
    {
      alice: alice(opened({ a1: 'alice', b1: 'bob' }, writing(['bob'], 'k1'))),
    },
    budget,
  ),
  fanOutPageSize: 1,
});

/** A message waits in the queue while Alice writes another or, which has fewer orders, logs out. */
const waitingInTheQueue = (how: 'alone' | 'with another', budget?: Scenario['budget']): Scenario => ({
  ...scene(
    `a message to a large group waits in the queue ${how}`,
    () => lively({ alice: ['a1'], bob: ['b1'] }, ['alice', 'bob']),
    {
      alice: alice(
        opened({ a1: 'alice', b1: 'bob' }, async (actor, log) => {
          noteWaiting(log, 'bob');
          if (how === 'with another') await writing(['bob'], 'k1')(actor, log);
          else await logOut(actor, 'a1');
        }),
      ),
    },
    budget,
  ),
  ...(how === 'with another' && { fanOutPageSize: 1 }),
  batchWindow: 10_000,
});

/** A client that is cut off while it catches up. */
const pageByPage = scene(
  'catches up page by page',
  () => owedPages('a1'),
  {
    bob: bob((actor, log) => {
      noteOwed(log, owedPages('a1'), 'bob');
      return catchUp(actor, log, 'bob', 'b1');
    }),
  },
  { cut: 1 },
);

/** What is owed, and what comes, has no room in the inbox. */
const withFullInbox = (budget?: Scenario['budget'], sender: 'alice' | 'carol' = 'carol') =>
  scene(
    'to who has a full inbox, and logs in',
    () => crowded(owedOne('a1', sender)),
    {
      alice: alice(sending('k1')),
      bob: bob((actor, log) => {
        noteOwed(log, owedOne('a1', sender), 'bob');
        return logIn(actor, log, 'bob', 'b1');
      }),
    },
    budget,
  );

/** Bob is there and has what a pointer in the overflow is for; he goes on behind it, while a message comes. */
const behindFullInbox = (left: 'all' | 'a part' = 'all') =>
  scene(
    'goes on behind what was in the overflow, while a message comes',
    () => behindOverflow('a1', 'b1', left),
    goingOnBehindOverflow,
    { cut: 1 },
  );

/** A message to a group is on its way to a member who logs in with a full inbox, reads a part, and is gone for the next. */
const awayFromGroup = scene('leaves while their group writes', () => behindGroup('a1', 'b1'), {
  alice: alice((actor, log) => bring(actor, log, '#team', 'bob')),
  bob: bob(
    opened({ a1: 'alice', b1: 'bob' }, async (actor, log) => {
      await goOnBehind(actor, 'b1', 'bob:dave', 1);
      await logOut(actor, 'b1');
      await say(actor, log, { from: 'alice', to: 'team', connection: 'a1', recipients: ['bob'] });
    }),
  ),
});

const inbox = (connections: Inbox['connections'], pending: Inbox['pending']): Inbox => ({
  connections,
  pending,
  epoch: 0,
});

/** One port's methods replaced by others, which may call them. */
const replacing =
  <P extends Exclude<keyof AllPorts, 'fanOutPageSize' | 'batchWindow' | 'beforeSend'>>(
    port: P,
    replace: (ports: AllPorts) => Partial<AllPorts[P]>,
  ) =>
  (ports: AllPorts): AllPorts => ({ ...ports, [port]: over(ports[port], replace(ports)) });

const editedAndDeleted = scene('a message is deleted while it is edited', () => readOne(['a1', 'a2'], 'b1'), {
  phone: alice((actor) => edit(actor, 'a1', 'another secret')),
  laptop: alice(opened(allOpen, (actor, log) => unsay(actor, log, 'a2', []))),
});

const editedWhileLoggingIn = scene(
  'a message is deleted while it is edited, and then somebody logs in',
  () => readOne(['a1', 'a2'], 'b1'),
  {
    phone: alice((actor) => edit(actor, 'a1', 'another secret')),
    laptop: alice(
      opened(allOpen, async (actor, log) => {
        await unsay(actor, log, 'a2', ['b2']);
        await logIn(actor, log, 'bob', 'b2');
      }),
    ),
  },
);

const editedTwice = scene(
  'a message is edited on two devices at once',
  () => readOne(['a1', 'a2'], 'b1'),
  editingTwice,
);

/** The checker must find a violation with each of them. */
export const ablations: Ablation[] = [
  {
    without: 'one winner for a slot: a put overwrites what is there',
    alter: replacing('history', ({ history }) => ({
      put: async (entry: LogEntry) => {
        const winner = await history.put(entry);
        Object.assign(winner, entry);
        return entry;
      },
    })),
    scenario: writtenByBoth(),
  },
  {
    without: 'the attempt id: a put that the SDK made twice takes its own entry for another',
    alter: replacing('history', ({ history }) => ({
      put: async (entry: LogEntry) => {
        await history.put(entry);
        const winner = await history.put(entry);
        return { ...winner, id: winner.id === entry.id ? 'somebody' : winner.id, key: undefined };
      },
    })),
    scenario: scene('alone', bobAway, { alice: alice(sending('k')) }),
  },
  {
    without: 'the check of each slot on the way: a repeat is found in the first read only',
    alter: replacing('history', ({ history }) => ({
      put: async (entry: LogEntry) => {
        const winner = await history.put(entry);
        return winner.id === entry.id ? winner : { ...winner, key: undefined };
      },
    })),
    scenario: writtenByBoth(),
  },
  {
    without: 'the timestamp that is at least the one before',
    alter: (ports) =>
      replacing('history', ({ history }) => ({
        put: (entry: LogEntry) => history.put({ ...entry, at: ports.runtime.now() }),
      }))(ports),
    scenario: writtenByBoth(),
  },
  {
    without: 'the append before the read of the inbox',
    alter: (ports) => {
      let early: Promise<Map<string, Inbox>> | undefined;
      return replacing('inboxes', ({ inboxes }) => ({ getMany: (names) => early ?? inboxes.getMany(names) }))(
        replacing('history', ({ history, inboxes }) => ({
          put: async (entry: LogEntry) => {
            early = inboxes.getMany(['alice', 'bob']);
            await early;
            return history.put(entry);
          },
        }))(ports),
      );
    },
    scenario: scene('to who is owed, and logs in', () => owedOne('a1'), {
      alice: alice(sending('k1')),
      bob: bobLogsIn,
    }),
  },
  {
    without: '"nobody is connected" in the update that marks pending',
    alter: replacing('inboxes', ({ inboxes }) => ({
      markPending: async (username, chat, seq) => {
        const there = await inboxes.markPending(username, chat, seq);
        // As if it had been written in spite of the connections.
        return there && there.connections.size > 0 ? undefined : there;
      },
    })),
    scenario: toWhoLogsIn(),
  },
  {
    without: '"this connection is still there" in the update that acknowledges',
    alter: replacing('inboxes', ({ inboxes }) => ({
      ackPending: async (username, connectionId, login, handed) => {
        await inboxes.connect(username, connectionId, { form: 'json', since: 0, login });
        await inboxes.ackPending(username, connectionId, login, handed);
        await inboxes.disconnect(username, connectionId, 0);
        return true;
      },
    })),
    scenario: toWhoLogsIn({ cut: 1 }, 'k1', 'k2'),
  },
  {
    without: '"since this very login" in the update that acknowledges',
    alter: replacing('inboxes', ({ inboxes }) => ({
      ackPending: async (username, connectionId, _, handed) => {
        const now = (await inboxes.getMany([username])).get(username)?.connections.get(connectionId);
        return now ? inboxes.ackPending(username, connectionId, now.login, handed) : false;
      },
    })),
    scenario: twiceOnOneConnection,
  },
  {
    without: 'acknowledging only after the gateway accepted the frames',
    alter: replacing('inboxes', ({ inboxes }) => ({
      connect: async (username, connectionId, device) => {
        const found = await inboxes.connect(username, connectionId, device);
        const handed = [...found.pending.keys()].map((chat) => ({ chat }));
        if (handed.length > 0) await inboxes.ackPending(username, connectionId, device.login, handed);
        return found;
      },
    })),
    scenario: toWhoLogsIn({ crash: 1 }),
  },
  {
    without: 'the pointer in the overflow before the check whether it counts',
    alter: (ports) => {
      let late = async () => {};
      const add = replacing('overflow', ({ overflow }) => ({
        add: async (...args) => {
          late = () => overflow.add(...args);
        },
      }));
      const look = replacing('inboxes', ({ inboxes }) => ({
        getMany: async (names) => {
          const found = await inboxes.getMany(names);
          await late();
          late = async () => {};
          return found;
        },
      }));
      return add(look(ports));
    },
    scenario: withFullInbox(),
  },
  {
    without: 'the check whether a pointer in the overflow counts',
    alter: (ports) => {
      let found: Map<string, Inbox> | undefined;
      let isIn = false;
      const add = replacing('overflow', ({ overflow }) => ({
        add: async (...args) => {
          isIn = true;
          return overflow.add(...args);
        },
      }));
      const look = replacing('inboxes', ({ inboxes }) => ({
        getMany: async (names) => {
          if (!isIn || found === undefined) found = await inboxes.getMany(names);
          isIn = false;
          return found;
        },
      }));
      return add(look(ports));
    },
    scenario: withFullInbox(),
  },
  {
    without: '"nobody is connected" in the update that starts an overflow',
    alter: replacing('inboxes', ({ inboxes }) => ({
      startOverflow: async (username, id) => {
        const stood = await inboxes.startOverflow(username, id);
        return stood && stood.connections.size > 0 ? undefined : stood;
      },
    })),
    scenario: scene('to who logs in', () => ({ ...bobAway(), room: 0 }), {
      alice: alice(sending('k1')),
      bob: bobLogsIn,
    }),
  },
  {
    without: 'the id of each pointer in the overflow: removing one removes all of its chat',
    alter: replacing('overflow', ({ overflow }) => ({
      remove: async (username, { overflow: id, chat }) => {
        const { pointers } = await overflow.page(username, id, 100);
        for (const each of pointers) if (each.chat === chat) await overflow.remove(username, each);
      },
    })),
    scenario: behindFullInbox('a part'),
  },
  {
    without: '"this connection is still there" in the update that ends an overflow',
    alter: replacing('inboxes', ({ inboxes }) => ({
      ackPending: async (username, connectionId, login, handed, all) => {
        if (!all) return inboxes.ackPending(username, connectionId, login, handed);
        await inboxes.connect(username, 'b0', { form: 'json', since: 0, login });
        await inboxes.ackPending(username, 'b0', login, handed, all);
        await inboxes.disconnect(username, 'b0', 0);
        return true;
      },
    })),
    scenario: withFullInbox({ cut: 1 }),
  },
  {
    without: '"since this very login" in the update that ends an overflow',
    alter: replacing('inboxes', ({ inboxes }) => ({
      ackPending: async (username, connectionId, login, handed, all) => {
        const now = (await inboxes.getMany([username])).get(username)?.connections.get(connectionId);
        return inboxes.ackPending(username, connectionId, (all && now?.login) ?? login, handed, all);
      },
    })),
    scenario: scene(
      'goes on while logging out and in again on the same connection',
      () => {
        const state = stateWith({ alice: ['a1'], bob: ['b1'] });
        state.room = 0;
        Object.assign(state.inboxes.bob as object, { overflow: 'full' });
        return state;
      },
      {
        bob: bob((actor) => goOnBehind(actor, 'b1', 'bob:carol')),
        'and then': bob(
          opened({ b1: 'bob' }, async (actor, log) => {
            await logOut(actor, 'b1');
            await send(actor, log, { from: 'alice', to: 'bob', connection: 'a1' });
            await logIn(actor, log, 'bob', 'b1');
          }),
        ),
      },
      { crash: 1 },
    ),
  },
  {
    without: 'the end of an overflow only when nothing of it is left',
    alter: replacing('overflow', ({ overflow, inboxes }) => ({
      page: async (username, id, ...rest) => {
        const page = await overflow.page(username, id, ...rest);
        for (const [connectionId, { login }] of (await inboxes.getMany([username])).get(username)
          ?.connections ?? [])
          await inboxes.ackPending(username, connectionId, login, [], 'and the overflow');
        return page;
      },
    })),
    scenario: withFullInbox({ crash: 1 }),
  },
  {
    without:
      'the condition of the inbox in acknowledging a part of the overflow: its pointers are removed, whoever is connected',
    alter: replacing('inboxes', ({ inboxes }) => ({
      ackPending: async (...args) => {
        await inboxes.ackPending(...args);
        return true;
      },
    })),
    scenario: behindFullInbox('a part'),
  },
  {
    without: 'keeping pointers of groups in which the login of a page has not marked the user back',
    alter: replacing('members', ({ members, inboxes }) => ({
      // As if it had, in all.
      getMany: async (keys, ...rest) => {
        const rows = await members.getMany(keys, ...rest);
        const [device] = (await inboxes.getMany(['bob'])).get('bob')?.connections.values() ?? [];
        return rows.map((row) => ({ ...row, backBy: `${device?.login}` }));
      },
    })),
    scenario: awayFromGroup,
  },
  {
    without: 'the note that a login has marked the user back in the groups of the inbox',
    alter: replacing('inboxes', ({ inboxes }) => ({
      getMany: async (...args) => {
        const found = await inboxes.getMany(...args);
        const isBack = ({ connections, ...rest }: Inbox): Inbox => ({
          ...rest,
          connections: new Map([...connections].map(([id, device]) => [id, { ...device, back: true }])),
        });
        return new Map([...found].map(([username, each]) => [username, isBack(each)]));
      },
    })),
    scenario: scene('goes on after a login that died', () => owedInGroup('a1', 2), goesOnRegardless(), {
      crash: 1,
    }),
  },
  {
    without: 'the connection in the inbox before pending messages are read',
    alter: (ports) => {
      let at: (() => Promise<unknown>) | undefined;
      return {
        ...replacing('inboxes', ({ inboxes }) => ({
          connect: async (username, connectionId, device) => {
            at = () => inboxes.connect(username, connectionId, device);
            return (await inboxes.getMany([username])).get(username) ?? inbox(new Map(), new Map());
          },
        }))(ports),
        gateway: over(ports.gateway, {
          post: async (connectionId, frame) => {
            await at?.();
            at = undefined;
            return ports.gateway.post(connectionId, frame);
          },
        }),
      };
    },
    scenario: toWhoLogsIn(),
  },
  {
    without: 'the removal of a dead connection: a failed post counts as accepted',
    alter: replacing('gateway', ({ gateway }) => ({
      post: async (connectionId, frame) => {
        await gateway.post(connectionId, frame);
        return 'taken' as const;
      },
    })),
    scenario: toWhoLogsIn({ cut: 1 }),
  },
  {
    without: 'the member list after the append',
    alter: (ports) => {
      let early: Member[] | undefined;
      return replacing('members', ({ members }) => ({
        get: async (chat, username) => {
          early = await members.page(chat, '', 100);
          return members.get(chat, username);
        },
        page: async (...args) => early ?? members.page(...args),
      }))(ports);
    },
    scenario: scene(
      'joins before the message, and leaves nothing out',
      () => stateWith({ alice: ['a1'], bob: ['b1'] }, { team: ['alice'] }),
      {
        alice: alice(writing([], 'k')),
        bob: bob(opened({ b1: 'bob' }, (actor, log) => join(actor, log, 'bob', 'team', 'b1'))),
      },
    ),
  },
  {
    without: 'the position of a page: a login acknowledges every chat of its page completely',
    alter: replacing('inboxes', ({ inboxes }) => ({
      ackPending: (username, connectionId, login, handed) =>
        inboxes.ackPending(
          username,
          connectionId,
          login,
          handed.map(({ chat }) => ({ chat })),
        ),
    })),
    scenario: pageByPage,
  },
  {
    without: 'acknowledging a page with the next request: a page acknowledges itself',
    alter: replacing('history', ({ history, inboxes }) => ({
      from: async (chat, seq, limit) => {
        const page = await history.from(chat, seq, limit);
        const login = (await inboxes.getMany(['bob'])).get('bob')?.connections.get('b1')?.login;
        if (login) await inboxes.ackPending('bob', 'b1', login, [{ chat }]);
        return page;
      },
    })),
    scenario: pageByPage,
  },
  {
    without: 'the check whether a user is still a member, when pending messages are delivered',
    alter: replacing('members', () => ({
      markBack: async (chat, username) => ({ chat, username, role: 'member' as const, since: 1 }),
    })),
    scenario: scene(
      'leaves while owed, and logs in again',
      () => {
        const state = stateWith({ bob: ['b0'] }, { team: ['bob'] });
        state.history['#team'] = [
          { chat: '#team', seq: 1, id: 'old', sender: 'alice', content: 'old', at: 0 },
        ];
        const { connections = {} } = state.inboxes.bob ?? {};
        state.inboxes.bob = { connections, pending: { '#team': 1 }, hasPending: true };
        return state;
      },
      {
        bob: bob(
          opened({ b0: 'bob' }, async (actor, log) => {
            await leave(actor, log, 'team', 'b0', ['b1']);
            await logIn(actor, log, 'bob', 'b1');
          }),
        ),
      },
    ),
  },
  {
    without: 'one user for one connection',
    alter: replacing('connections', ({ connections }) => ({
      bind: async (connectionId, bound, now) => {
        const before = await connections.get(connectionId);
        if (before) await connections.unbind(connectionId, before.username);
        return connections.bind(connectionId, bound, now);
      },
    })),
    scenario: scene('two log in on one connection', () => stateWith({ alice: ['a1'], bob: [], carol: [] }), {
      alice: alice(sending('k1')),
      bob: bob((actor, log) => logIn(actor, log, 'bob', 'x1')),
      carol: bob(async (actor, log) => {
        await logIn(actor, log, 'carol', 'x1');
      }),
    }),
  },
  {
    without: 'closing a connection whose failed login may take effect late',
    alter: replacing('gateway', () => ({ close: async () => {} })),
    scenario: scene(
      'a login that fails, and may take effect late',
      () => stateWith({ alice: ['a1'], bob: [], carol: [] }),
      aliceToCarolThenBob(),
      { late: 1 },
    ),
  },
  {
    without: 'the login version in the away note',
    alter: replacing('members', ({ members }) => ({
      markAway: async (row, from) => {
        const now = await members.get(row.chat, row.username);
        await members.markAway(now ?? row, from);
      },
    })),
    scenario: backInGroup(),
  },
  {
    without: 'the end of an away note at a login',
    alter: replacing('members', ({ members }) => ({
      markBack: async (chat, username) => members.get(chat, username),
    })),
    scenario: backInGroup(2),
  },
  {
    without: 'the end of an away note before the log is read',
    alter: (ports) => {
      let late = async () => {};
      return replacing('inboxes', ({ inboxes }) => ({
        ackPending: async (...args) => {
          await late();
          return inboxes.ackPending(...args);
        },
      }))(
        replacing('members', ({ members }) => ({
          markBack: async (...args) => {
            late = async () => void (await members.markBack(...args));
            return members.get(args[0], args[1]);
          },
        }))(ports),
      );
    },
    scenario: backInGroup(2),
  },
  {
    without: 'the seq in an away note from which messages are pending',
    alter: replacing('members', ({ members }) => ({
      page: async (...args) =>
        (await members.page(...args)).map((row) => (row.away === undefined ? row : { ...row, away: 0 })),
    })),
    scenario: backInGroup(2, 'k0 1'),
  },
  {
    without: 'the login id in the removal of a device whose login has expired',
    alter: replacing('inboxes', ({ inboxes }) => ({
      disconnect: (username, connectionId, seen) => inboxes.disconnect(username, connectionId, seen),
    })),
    scenario: renewing,
  },
  {
    without: 'the epoch in the update that connects',
    alter: replacing('inboxes', ({ inboxes }) => ({
      connect: (username, connectionId, device) => inboxes.connect(username, connectionId, device),
    })),
    scenario: lockedOutByToken,
  },
  {
    without: "when the token was issued, in the update that connects by an identity provider's",
    alter: replacing('inboxes', ({ inboxes }) => ({
      connect: (username, connectionId, device, valid, most) =>
        inboxes.connect(username, connectionId, device, { ...valid, issued: undefined }, most),
    })),
    scenario: lockedOutBy(tokenOf('alice')),
  },
  {
    without: 'the new epoch before the read of who is connected',
    alter: replacing('inboxes', ({ inboxes }) => ({
      revoke: async (username, now) => {
        const before = (await inboxes.getMany([username])).get(username) ?? inbox(new Map(), new Map());
        await inboxes.revoke(username, now);
        return before;
      },
    })),
    scenario: lockedOutByToken,
  },
  {
    without: 'the removal of the row of a connection with its device in the inbox',
    alter: replacing('connections', () => ({ unbind: async () => {} })),
    scenario: lockedOutByToken,
  },
  {
    without: 'the second read of a group that is taken over, and a join that cancels the takeover',
    alter: replacing('directory', ({ directory }) => ({
      startTakeover: async () => true,
      takeOver: async (group, name) => {
        await directory.startTakeover(group, name.attemptId);
        return directory.takeOver(group, name);
      },
    })),
    scenario: scene('joins while the name is taken', emptyingGroup, nameTakenAtOnce()),
  },
  {
    without: 'the check whose name it is, when a new member is counted',
    alter: replacing('directory', ({ directory }) => ({
      count: async (group, ...rest) =>
        directory.count((await directory.get(group.name, 'group')) ?? group, ...rest),
    })),
    scenario: scene('joins while the name is taken', emptyingGroup, nameTakenAtOnce()),
  },
  {
    without: 'the generation of their sender in messages: they get that of the name at that moment',
    alter: replacing('history', ({ history, directory }) => ({
      put: async (entry: LogEntry) => {
        const generation = (await directory.get('team', 'group'))?.generation;
        return history.put({ ...entry, ...(generation !== undefined && { generation }) });
      },
    })),
    scenario: scene('writes while the name is taken', emptyingGroup, nameTakenWhileWriting()),
  },
  {
    without: 'the placeholder in the row of a removed member',
    alter: replacing('members', ({ members }) => ({
      join: async (member, over) => {
        const there = await members.join(member, over);
        return there.removed ? members.join(member, there.attemptId) : there;
      },
    })),
    scenario: scene('removed while joining', twoInGroup, removedWhileJoining()),
  },
  {
    without: 'the placeholder in the row of who is not in yet, when their invitation is withdrawn',
    alter: replacing('members', () => ({
      remove: async (row) => ({ ...row, role: 'member', since: 1, removed: true }),
    })),
    scenario: scene('an invitation is withdrawn while joining', invitedToGroup, withdrawnWhileJoining()),
  },
  {
    without: 'the condition on the row that a withdrawal replaces: it takes out who has joined',
    alter: replacing('members', ({ members }) => ({
      remove: async (row, expires) => {
        const there = await members.get(row.chat, row.username);
        return members.remove(row, expires, there?.attemptId);
      },
    })),
    scenario: scene('an invitation is withdrawn while joining', invitedToGroup, withdrawnWhileJoining()),
  },
  {
    without: 'the condition on the row that a removal replaces',
    alter: replacing('members', ({ members }) => ({
      remove: async (row, expires) => {
        const there = await members.get(row.chat, row.username);
        return members.remove(row, expires, there?.attemptId);
      },
    })),
    scenario: scene('removed from another', twoInGroup, removedFromAnotherAtOnce()),
  },
  {
    without: 'the check for a recount, when a member is counted',
    alter: replacing('directory', ({ directory }) => ({
      count: async (group, ...rest) => {
        const counted = await directory.count(group, ...rest);
        return counted?.refused === 'recounted' ? directory.count(counted, ...rest) : counted;
      },
    })),
    scenario: scene('joins and leaves while all are counted', saidToBeFull, joinWhatIsFull()),
  },
  {
    without: 'the check who was counted last, in a recount',
    alter: replacing('directory', ({ directory }) => ({
      recount: async (group, ...rest) =>
        directory.recount((await directory.get(group.name, 'group')) ?? group, ...rest),
    })),
    scenario: scene('joins and leaves while all are counted', saidToBeFull, joinWhatIsFull()),
  },
  {
    without: 'the record of a removal',
    alter: replacing('directory', () => ({ isBarred: async () => false })),
    scenario: scene('removed while joining', twoInGroup, removedWhileJoining()),
  },
  {
    without: 'the check whether the heir is still a member',
    alter: replacing('members', ({ members }) => ({
      get: async (chat, username) =>
        (await members.get(chat, username)) ?? { chat, username, role: 'member' as const, since: 1 },
    })),
    scenario: scene('the owner leaves, and the heir', threeInGroup, ownerAndHeirLeave()),
  },
  {
    without: 'the id of an invitation in its removal: a join that is late removes a later one',
    alter: replacing('invitations', ({ invitations }) => ({
      remove: async (each) => {
        const now = await invitations.get(each.username, each.group);
        if (now) await invitations.remove(now);
      },
    })),
    scenario: scene('removed while joining, and invited again', invitedToGroup, invitedWhileJoining()),
  },
  {
    without: 'the second look at whom a group is handed to, after it has passed to them',
    alter: (ports) => {
      const passed = new Set<string>();
      const { directory, members } = ports;
      const row = (chat: string, username: string) => ({ chat, username, role: 'member' as const, since: 1 });
      return replacing('directory', () => ({
        passOwnership: (group, from, to) =>
          directory.passOwnership(group, from, to).finally(() => passed.add(to)),
      }))(
        replacing('members', () => ({
          get: async (chat, username) =>
            (await members.get(chat, username)) ?? (passed.has(username) ? row(chat, username) : undefined),
        }))(ports),
      );
    },
    scenario: scene('the owner hands the group to who leaves', threeInGroup, ownedByWhoLeaves()),
  },
  {
    without: 'the second end of all sessions, once an account is locked',
    alter: (ports) => {
      let times = 0;
      return replacing('inboxes', ({ inboxes }) => ({
        revoke: async (username, now) =>
          times++ === 0
            ? inboxes.revoke(username, now)
            : { connections: new Map(), pending: new Map(), epoch: 0 },
      }))(ports);
    },
    scenario: scene('an account is deleted while its user logs in', bobAway, accountDeleted(false)),
  },
  {
    without: 'the second look at the chats of an account, once it is locked',
    alter: (ports) => {
      let isLocked = false;
      const { credentials, history } = ports;
      return replacing('credentials', () => ({
        replace: (...args) =>
          credentials.replace(...args).finally(() => {
            isLocked = true;
          }),
      }))(
        replacing('history', () => ({
          from: async (...args) => (isLocked ? { entries: [], more: false } : history.from(...args)),
        }))(ports),
      );
    },
    scenario: scene('an account is deleted while its user writes', bobAway, accountDeleted()),
  },
  {
    without: '"not deleted" in the update that edits',
    alter: replacing('history', ({ history }) => ({
      edit: async (chat, seq, content, editId, ...when) => {
        const row = await history.edit(chat, seq, content, editId, ...when);
        if (row?.changed?.kind === 'deleted')
          Object.assign(row, {
            content,
            changed: { kind: 'edited', at: when[0] },
            editIds: [...(row.editIds ?? []), editId],
          });
        return row;
      },
    })),
    scenario: editedAndDeleted,
  },
  {
    without: 'the removal of the text before a deletion is answered',
    alter: replacing('history', ({ history }) => ({
      erase: async (...args) => {
        void history.erase(...args);
      },
    })),
    scenario: editedAndDeleted,
  },
  {
    without: 'the text of an edit as it is after the read of who is connected',
    alter: (ports) => {
      let before: LogEntry[] | undefined;
      return replacing('history', ({ history }) => ({
        put: async (entry) => {
          const stored = await history.put(entry);
          if (entry.edits !== undefined)
            before = await history.getMany([{ chat: entry.chat, seq: entry.edits }]);
          return stored;
        },
        getMany: async (keys) => before ?? history.getMany(keys),
      }))(ports);
    },
    scenario: editedWhileLoggingIn,
  },
  {
    without: 'the id of an edit: a repeated one counts twice',
    alter: replacing('history', ({ history }) => ({
      edit: async (chat, seq, content, editId, ...when) => {
        await history.edit(chat, seq, content, editId, ...when);
        const row = await history.edit(chat, seq, content, editId, ...when);
        return row && Object.assign(row, { content, editIds: [...(row.editIds ?? []), editId] });
      },
    })),
    scenario: editedTwice,
  },
  {
    without: 'the text in the message before the entry in the log',
    alter: (ports) => {
      let late = async () => {};
      return replacing('history', ({ history }) => ({
        edit: async (chat, seq, content, editId, ...when) => {
          const row = await history.get(chat, seq);
          late = async () => void (await history.edit(chat, seq, content, editId, ...when));
          return row && { ...row, content, editIds: [editId], ends: [when[1]] };
        },
        put: async (entry) => {
          const winner = await history.put(entry);
          if (winner.id === entry.id) await late();
          return winner;
        },
      }))(ports);
    },
    scenario: editedTwice,
  },
  {
    without: 'the check which text the message has now, if others wrote in between',
    alter: (ports) => {
      let own = '';
      return replacing('history', ({ history }) => ({
        edit: async (chat, seq, content, editId, ...when) => {
          own = content;
          return history.edit(chat, seq, content, editId, ...when);
        },
        getMany: async (keys) => (await history.getMany(keys)).map((row) => ({ ...row, content: own })),
      }))(ports);
    },
    scenario: editedTwice,
  },
  {
    without: 'the check who is still a member, if an edit carries the text of a later one',
    alter: replacing('members', () => ({
      getMany: async (keys) => keys.map((key) => ({ ...key, role: 'member' as const, since: 1 })),
    })),
    scenario: scene('leaves between two edits', writtenInGroup, leftBetweenEdits()),
  },
  {
    without: "the copy in the claim of a fan-out's part: the queue's repeat finds it claimed",
    alter: replacing('copies', ({ copies, runtime: { newId } }) => ({
      claim: (part, _, expires) => copies.claim(part, newId(), expires),
    })),
    scenario: throughTheQueue({ crash: 1 }),
  },
  {
    without: 'the number of attempts in the claim of a part',
    alter: replacing('copies', ({ copies }) => ({
      claim: (part, copy, expires) => copies.claim(part.replace(/ \d+$/, ''), copy, expires),
    })),
    scenario: throughTheQueue({ fail: 1 }),
  },
  {
    without:
      'the message that a list of messages is held by: the repeat of its part takes them for delivered',
    alter: replacing('copies', ({ copies }) => ({
      gathered: async () => undefined,
      gather: async (list, gathered, expires) => {
        const stored = await copies.gather(list, gathered, expires);
        return stored === gathered ? stored : { ...stored, by: -1 };
      },
    })),
    scenario: waitingInTheQueue('alone', { crash: 1 }),
  },
  {
    without: 'the look whether a list has the message: one that was stored later counts as delivered',
    alter: replacing('copies', ({ copies }) => ({
      gathered: async () => undefined,
      gather: async (list, gathered, expires) => {
        const stored = await copies.gather(list, gathered, expires);
        return { ...stored, seqs: [...stored.seqs, ...gathered.seqs] };
      },
    })),
    scenario: waitingInTheQueue('with another'),
  },
  {
    without: 'the record of the first verdict on a message',
    alter: replacing('verdicts', () => ({ first: async (_, verdict) => verdict })),
    scenario: scene('is denied once', bothAlices, judged('one text')),
  },
  {
    without: 'the text in the record of a verdict',
    alter: replacing('verdicts', ({ verdicts }) => ({
      first: (message, ...rest) => verdicts.first(message.replace(/ \S+$/, ''), ...rest),
    })),
    scenario: scene('is allowed as another text', bothAlices, judged('two texts')),
  },
];
