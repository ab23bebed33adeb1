import type { Scenario } from './execution.ts';
import {
  emptyingGroup,
  joinTwice,
  joinWhatIsFull,
  nameTakenWhile,
  nameTakenWhileWriting,
  ownerAndHeirLeave,
  removedFromAnother,
  removedWhileJoining,
  saidToBeFull,
  threeInGroup,
  twoInGroup,
} from './groups.ts';
import {
  catchUp,
  create,
  crowded,
  edit,
  join,
  leave,
  logIn,
  logOut,
  logOutEverywhere,
  noteOwed,
  owedInGroup,
  owedOne,
  owedPages,
  readOne,
  remove,
  say,
  send,
  unsay,
  withSession,
  world,
} from './words.ts';

const alice = { now: 1_000 };
/** His clock is behind. */
const bob = { now: 900 };
const carol = { now: 950 };

/** Small enough to be searched whole. */
export const scenarios: Scenario[] = [
  {
    name: 'a message to who logs in at that moment; a Lambda dies, the message is sent again',
    state: () => world({ alice: ['a1'], bob: [] }),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k1' }),
      },
      bob: { ...bob, script: (actor, log) => logIn(actor, log, 'bob', 'b1') },
    },
    budget: { crash: 1 },
  },
  {
    name: 'two messages, while the recipient logs in, is cut off and logs in again',
    state: () => world({ alice: ['a1'], bob: [] }),
    actors: {
      alice: {
        ...alice,
        script: async (actor, log) => {
          await send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k1' });
          await send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k2' });
        },
      },
      bob: {
        ...bob,
        script: async (actor, log) => {
          await logIn(actor, log, 'bob', 'b1');
          actor.close('b1');
          await logIn(actor, log, 'bob', 'b2');
        },
      },
    },
    budget: {},
  },
  {
    name: 'two messages to who is there and is cut off, and logs in again; a Lambda dies',
    state: () => world({ alice: ['a1'], bob: ['b0'] }),
    actors: {
      alice: {
        ...alice,
        script: async (actor, log) => {
          await send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k1' });
          await send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k2' });
        },
      },
      bob: {
        ...bob,
        script: (actor, log) => {
          log.devices.b0 = 'bob';
          return logIn(actor, log, 'bob', 'b1');
        },
      },
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'two write to one chat at once, each twice; clocks differ, a Lambda dies',
    state: () => world({ alice: ['a1', 'a2'], bob: ['b1'] }),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k' }),
      },
      'alice again': {
        ...alice,
        script: (actor, log) => send(actor, log, { from: 'alice', to: 'bob', connection: 'a2', key: 'k' }),
      },
      bob: {
        ...bob,
        script: (actor, log) => {
          Object.assign(log.devices, { a1: 'alice', a2: 'alice', b1: 'bob' });
          return send(actor, log, { from: 'bob', to: 'alice', connection: 'b1', key: 'k' });
        },
      },
    },
    budget: { crash: 1 },
  },
  {
    name: 'two devices log in at once, one of them logs out, while a message comes; a Lambda dies',
    state: () => world({ alice: ['a1'], bob: [] }),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k1' }),
      },
      phone: { ...bob, script: (actor, log) => logIn(actor, log, 'bob', 'b1') },
      laptop: {
        ...bob,
        script: async (actor, log) => {
          await logIn(actor, log, 'bob', 'b2');
          await logOut(actor, 'b2');
        },
      },
    },
    budget: { crash: 1 },
  },
  {
    name: 'owed from before, logging in while the SDK makes calls twice and the store fails',
    state: () => owedOne('a1'),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k1' }),
      },
      bob: {
        ...bob,
        script: (actor, log) => {
          log.sent.push({
            sender: 'alice',
            recipients: ['bob'],
            message_id: 'old',
            chat_id: 'alice:bob',
            seq: 1,
          });
          return logIn(actor, log, 'bob', 'b1');
        },
      },
    },
    budget: { twice: 1, fail: 1, cut: 1 },
  },
  {
    name: 'owed in several chats, a client catches up page by page while a message comes, and is cut off; a Lambda dies',
    state: () => owedPages('a1'),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k1' }),
      },
      bob: {
        ...bob,
        script: (actor, log) => {
          noteOwed(log, owedPages('a1'), 'bob');
          return catchUp(actor, log, 'bob', 'b1');
        },
      },
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'two write to who is away and has a full inbox, and who logs in and is cut off; a Lambda dies',
    state: () => ({ ...world({ alice: ['a1'], bob: [], carol: ['c1'] }), room: 0 }),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k1' }),
      },
      carol: {
        ...carol,
        script: (actor, log) => send(actor, log, { from: 'carol', to: 'bob', connection: 'c1', key: 'k2' }),
      },
      bob: { ...bob, script: (actor, log) => logIn(actor, log, 'bob', 'b1') },
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'owed more than the inbox has room for, logging in twice, cut off in between, while a message comes; a call is made twice',
    state: () => crowded(owedOne('a1')),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k1' }),
      },
      bob: {
        ...bob,
        script: async (actor, log) => {
          noteOwed(log, owedOne('a1'), 'bob');
          await logIn(actor, log, 'bob', 'b1');
          actor.close('b1');
          await logIn(actor, log, 'bob', 'b2');
        },
      },
    },
    budget: { twice: 1, fail: 1 },
  },
  {
    name: 'owed more than the inbox has room for, catching up page by page while a message comes, and cut off; a Lambda dies',
    state: () => crowded(owedPages('a1'), 1),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => send(actor, log, { from: 'alice', to: 'bob', connection: 'a1', key: 'k1' }),
      },
      bob: {
        ...bob,
        script: (actor, log) => {
          noteOwed(log, owedPages('a1'), 'bob');
          return catchUp(actor, log, 'bob', 'b1');
        },
      },
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'two messages to a group while a member whose inbox is full logs in and is cut off; a Lambda dies',
    state: () => crowded(owedInGroup('a1')),
    actors: {
      alice: {
        ...alice,
        script: async (actor, log) => {
          log.devices.a1 = 'alice';
          const common = { from: 'alice', to: 'team', connection: 'a1', recipients: ['bob'] };
          await say(actor, log, { ...common, key: 'k1' });
          await say(actor, log, { ...common, key: 'k2' });
        },
      },
      bob: { ...bob, script: (actor, log) => logIn(actor, log, 'bob', 'b1') },
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'two members write to a group at once, the third logs in; the SDK makes a call twice, a Lambda dies',
    state: () => world({ alice: ['a1'], bob: ['b1'], carol: [] }, { team: ['alice', 'bob', 'carol'] }),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => {
          Object.assign(log.devices, { a1: 'alice', b1: 'bob' });
          return say(actor, log, {
            from: 'alice',
            to: 'team',
            connection: 'a1',
            key: 'k',
            recipients: ['bob', 'carol'],
          });
        },
      },
      bob: {
        ...bob,
        script: (actor, log) =>
          say(actor, log, {
            from: 'bob',
            to: 'team',
            connection: 'b1',
            key: 'k',
            recipients: ['alice', 'carol'],
          }),
      },
      carol: { ...carol, script: (actor, log) => logIn(actor, log, 'carol', 'c1') },
    },
    budget: { twice: 1, crash: 1 },
  },
  {
    name: 'somebody joins a group, leaves it and logs in again while a message is sent to it',
    state: () => world({ alice: ['a1'], bob: ['b1'] }, { team: ['alice'] }),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => {
          Object.assign(log.devices, { a1: 'alice', b1: 'bob' });
          return say(actor, log, { from: 'alice', to: 'team', connection: 'a1', key: 'k', recipients: [] });
        },
      },
      bob: {
        ...bob,
        script: async (actor, log) => {
          await join(actor, log, 'bob', 'team', 'b1');
          await leave(actor, log, 'team', 'b1', ['b2']);
          await logOut(actor, 'b1');
          await logIn(actor, log, 'bob', 'b2');
        },
      },
    },
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the creator removes a member, who then logs in again, while another writes; a call is made twice, a Lambda dies',
    state: () => world({ alice: ['a1'], bob: ['b1'], carol: ['c1'] }, { team: ['alice', 'bob', 'carol'] }),
    actors: {
      alice: {
        ...alice,
        script: async (actor, log) => {
          Object.assign(log.devices, { a1: 'alice', b1: 'bob', c1: 'carol' });
          const later = ['b1', 'b2'];
          await remove(actor, log, { group: 'team', username: 'bob', connection: 'a1', later });
          await logIn(actor, log, 'bob', 'b2');
        },
      },
      carol: {
        ...carol,
        script: (actor, log) =>
          say(actor, log, { from: 'carol', to: 'team', connection: 'c1', key: 'k', recipients: ['alice'] }),
      },
    },
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'two write to a group while a member who is away and owed logs in and is cut off; a Lambda dies, a call is made twice',
    state: () => owedInGroup('a1'),
    actors: {
      alice: {
        ...alice,
        script: async (actor, log) => {
          log.devices.a1 = 'alice';
          await say(actor, log, {
            from: 'alice',
            to: 'team',
            connection: 'a1',
            key: 'k1',
            recipients: ['bob'],
          });
          await say(actor, log, {
            from: 'alice',
            to: 'team',
            connection: 'a1',
            key: 'k2',
            recipients: ['bob'],
          });
        },
      },
      bob: { ...bob, script: (actor, log) => logIn(actor, log, 'bob', 'b1') },
    },
    budget: { crash: 1, cut: 1, twice: 1 },
  },
  {
    name: 'a member of whom the list says that they are away logs in, while a message is sent, and an old one again',
    state: () => owedInGroup('a1', 2),
    actors: {
      alice: {
        ...alice,
        script: async (actor, log) => {
          log.devices.a1 = 'alice';
          await say(actor, log, {
            from: 'alice',
            to: 'team',
            connection: 'a1',
            key: 'k0 1',
            recipients: ['bob'],
          });
          await say(actor, log, {
            from: 'alice',
            to: 'team',
            connection: 'a1',
            key: 'k1',
            recipients: ['bob'],
          });
        },
      },
      bob: { ...bob, script: (actor, log) => logIn(actor, log, 'bob', 'b1') },
    },
    budget: { crash: 1, cut: 1 },
  },
  {
    name: 'a user logs out everywhere while somebody logs in with their token, and a message comes; a Lambda dies, a call is made twice',
    state: () => withSession(world({ alice: ['a1'], bob: ['b1'] }), 'alice', 'stolen'),
    actors: {
      alice: {
        ...alice,
        script: (actor, log) => {
          Object.assign(log.devices, { a1: 'alice', b1: 'bob' });
          return logOutEverywhere(actor, log, 'a1', { connection: 'x1', token: 'stolen', chat: 'alice:bob' });
        },
      },
      thief: { ...carol, script: (actor, log) => logIn(actor, log, 'alice', 'x1', 'stolen') },
      bob: {
        ...bob,
        script: (actor, log) => send(actor, log, { from: 'bob', to: 'alice', connection: 'b1', key: 'k1' }),
      },
    },
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the last member leaves a group while one joins it and another takes its name; a Lambda dies',
    state: emptyingGroup,
    actors: nameTakenWhile(),
    budget: { crash: 1 },
  },
  {
    name: 'two take the name of an empty group at once, while one joins it; the SDK makes a call twice',
    state: () => {
      const state = world({ alice: ['a1'], bob: ['b1'], carol: ['c1'] }, { team: [] });
      state.history['#team'] = [{ chat: '#team', seq: 1, id: 'old', sender: 'alice', content: 'old', at: 0 }];
      return state;
    },
    actors: {
      alice: {
        ...alice,
        script: async (actor, log) => {
          Object.assign(log.devices, { a1: 'alice', b1: 'bob', c1: 'carol' });
          await create(actor, log, { username: 'alice', group: 'team', connection: 'a1', hidden: ['old'] });
        },
      },
      bob: { ...bob, script: (actor, log) => join(actor, log, 'bob', 'team', 'b1') },
      carol: {
        ...carol,
        script: async (actor, log) => {
          await create(actor, log, { username: 'carol', group: 'team', connection: 'c1', hidden: ['old'] });
        },
      },
    },
    budget: { twice: 1 },
  },
  {
    name: 'a member writes and leaves while another takes the name of the group and writes; a Lambda dies, a call is made twice',
    state: emptyingGroup,
    actors: nameTakenWhileWriting(),
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner removes a member who leaves and joins again; a Lambda dies, a call is made twice',
    state: twoInGroup,
    actors: removedWhileJoining(),
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner removes one who joins by an invitation; a Lambda dies, a call is made twice',
    state: () => {
      const state = world({ alice: ['a1'], bob: ['b1'] }, { team: ['alice'] });
      Object.assign(state.names.team ?? {}, { inviteOnly: true, invited: ['bob'] });
      return state;
    },
    actors: { ...removedWhileJoining(), bob: { ...bob, script: joinTwice } },
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'the owner leaves, and so does who has been in longest; a Lambda dies',
    state: threeInGroup,
    actors: ownerAndHeirLeave(),
    budget: { crash: 1 },
  },
  {
    name: 'the owner removes a member, while that group ends and its name becomes that of another, which they join',
    state: twoInGroup,
    actors: removedFromAnother(),
    budget: {},
  },
  {
    name: 'two join a group that is wrongly said to be full, while one leaves it; a Lambda dies',
    state: saidToBeFull,
    actors: joinWhatIsFull(),
    budget: { crash: 1 },
  },
  {
    name: 'a message is deleted while an edit of it is under way, then somebody asks for all; a Lambda dies, a call is made twice',
    state: () => readOne(['a1', 'a2'], 'b1'),
    actors: {
      phone: { ...alice, script: (actor) => edit(actor, 'a1', 'another secret') },
      laptop: {
        ...carol,
        script: async (actor, log) => {
          Object.assign(log.devices, { a1: 'alice', a2: 'alice', b1: 'bob' });
          await unsay(actor, log, 'a2', ['b2']);
          await catchUp(actor, log, 'bob', 'b2');
        },
      },
    },
    budget: { crash: 1, twice: 1 },
  },
  {
    name: 'a message is edited on two devices at once, while the other one asks for all; a Lambda dies, a call is made twice',
    state: () => readOne(['a1', 'a2'], 'b1'),
    actors: {
      phone: { ...alice, script: (actor) => edit(actor, 'a1', 'one') },
      laptop: {
        ...carol,
        script: (actor, log) => {
          Object.assign(log.devices, { a1: 'alice', a2: 'alice', b1: 'bob' });
          return edit(actor, 'a2', 'two');
        },
      },
      bob: { ...bob, script: (actor, log) => catchUp(actor, log, 'bob', 'b2') },
    },
    budget: { crash: 1, twice: 1 },
  },
];
