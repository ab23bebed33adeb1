import type { TableName } from './tables.ts';

/** What a function may do to a table; `by-user` is the index of Members. */
export type Action =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'Query by-user'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem';

/** One function's rights: single actions on single tables, and what it may do with connections. */
export interface Grants {
  tables: Partial<Record<TableName, readonly Action[]>>;
  /** POST on the stage's connections. */
  posts?: boolean;
  /** DELETE on them, for who must not miss what is posted. */
  closes?: boolean;
  /** GET on them, to see whether they are there. */
  looks?: boolean;
  /** To send to the queue of what is done later. */
  later?: boolean;
  /** To invoke the functions of commands. */
  invokes?: boolean;
}

// To hand a message over (chat/deliver.ts): see who is there, prune who is gone, note who is owed.
const deliver = {
  Connections: ['GetItem', 'DeleteItem'],
  Inboxes: ['BatchGetItem', 'UpdateItem'],
  Overflow: ['PutItem'],
} as const;

// To read and settle what the inbox had no room for (chat/owing.ts). PutItem moves a pointer on.
const owing = { Overflow: ['Query', 'PutItem', 'DeleteItem'] } as const;

const append = ['Query', 'PutItem'] as const;

// To count what is limited (chat/login-throttle.ts, chat/meter.ts), each request of a user among it (lambdas/priced.ts).
const limit = { Levels: ['BatchGetItem', 'PutItem'] } as const;

// To tell of what happens (chat/notify.ts): see who is there, prune who is gone.
const notify = {
  ...limit,
  Connections: ['GetItem'],
  Inboxes: ['BatchGetItem', 'UpdateItem'],
} as const;

// Whose request it is, and that it is within their rate.
const whoAmI = { ...limit, Connections: ['GetItem'] } as const;

// UpdateItem: who is gone is taken out (chat/online.ts).
const whoIsThere = { Inboxes: ['BatchGetItem', 'UpdateItem'] } as const;

// To claim a name (chat/claim-name.ts): it may be a group's whom all have left.
const claimName = {
  Names: ['PutItem', 'UpdateItem'],
  Members: ['Query'],
} as const;

// UpdateItem of History shows a change in the message that it changes.
const change = {
  tables: {
    ...deliver,
    ...limit,
    Names: ['GetItem'],
    Members: ['BatchGetItem', 'Query', 'UpdateItem'],
    History: [...append, 'GetItem', 'UpdateItem'],
  },
  posts: true,
  closes: true,
  later: true,
} satisfies Grants;

/** By the Lambda's file name. */
const commandGrants: Readonly<Record<string, Grants>> = {
  register: { tables: { ...limit, ...claimName, Credentials: ['PutItem'], Inboxes: ['PutItem'] } },
  login: {
    tables: {
      ...limit,
      Credentials: ['GetItem'],
      Sessions: ['GetItem', 'PutItem'],
      Connections: ['PutItem', 'DeleteItem'],
      // Who is a user has an inbox: `register` makes it first. BatchGetItem: before it takes off what is in the overflow.
      Inboxes: ['BatchGetItem', 'UpdateItem'],
      ...owing,
      // UpdateItem: who was away and owed is back.
      Members: ['Query by-user', 'BatchGetItem', 'UpdateItem'],
      // BatchGetItem: the texts of edits, here and below.
      History: ['Query', 'BatchGetItem'],
    },
    posts: true,
    closes: true,
    // Only where as many devices are listed as there may be.
    looks: true,
  },
  logout: {
    tables: {
      Connections: ['GetItem', 'DeleteItem'],
      Inboxes: ['UpdateItem'],
      Sessions: ['GetItem', 'DeleteItem'],
    },
    posts: true,
    closes: true,
  },
  'change-password': {
    tables: {
      ...limit,
      Credentials: ['GetItem', 'PutItem'],
      Sessions: ['PutItem'],
      Connections: ['GetItem', 'PutItem', 'DeleteItem'],
      Inboxes: ['BatchGetItem', 'UpdateItem'],
    },
    posts: true,
    closes: true,
  },
  'send-message': {
    tables: {
      ...deliver,
      ...limit,
      // PutItem: somebody's registration may be under way, with a name and no inbox yet.
      Inboxes: [...deliver.Inboxes, 'PutItem'],
      Names: ['GetItem'],
      // GetItem and Query: `send` in the text grammar reaches groups too.
      Members: ['GetItem', 'Query', 'UpdateItem'],
      History: append,
    },
    posts: true,
    closes: true,
    later: true,
  },
  'send-group-message': {
    tables: {
      ...deliver,
      ...limit,
      Names: ['GetItem'],
      // UpdateItem notes who is away and owed.
      Members: ['GetItem', 'Query', 'UpdateItem'],
      History: append,
    },
    posts: true,
    closes: true,
    later: true,
  },
  // BatchGetItem: the text that a message has now, where others wrote in between.
  'edit-message': {
    ...change,
    tables: { ...change.tables, History: [...change.tables.History, 'BatchGetItem'] },
  },
  'delete-message': change,
  'fetch-history': {
    tables: {
      ...whoAmI,
      Names: ['GetItem'],
      Members: ['BatchGetItem'],
      History: ['Query', 'BatchGetItem'],
    },
  },
  sync: {
    tables: {
      ...whoAmI,
      // What was owed, and is settled by who goes on behind it.
      Inboxes: ['BatchGetItem', 'UpdateItem'],
      ...owing,
      Members: ['Query by-user', 'BatchGetItem'],
      History: ['Query', 'BatchGetItem'],
    },
  },
  'list-chats': {
    tables: {
      ...whoAmI,
      Members: ['Query by-user', 'BatchGetItem'],
      History: ['Query', 'BatchGetItem'],
    },
  },
  'mark-read': {
    tables: {
      ...notify,
      Names: ['GetItem'],
      Members: ['BatchGetItem', 'UpdateItem'],
      History: ['Query'],
    },
    posts: true,
  },
  'create-group': {
    tables: {
      ...notify,
      ...claimName,
      ...limit,
      Members: ['Query', 'Query by-user', 'PutItem'],
      History: ['Query'],
    },
    posts: true,
  },
  'join-group': {
    tables: {
      ...notify,
      Names: ['GetItem', 'UpdateItem'],
      // Query: where a group may be empty, has no owner, or is counted anew.
      Members: ['GetItem', 'Query', 'Query by-user', 'PutItem'],
      History: ['Query'],
    },
    posts: true,
  },
  'leave-group': {
    // Query: who owns the group when its owner leaves, and how many are left if it was just recounted.
    tables: { ...notify, Names: ['GetItem', 'UpdateItem'], Members: ['GetItem', 'Query', 'DeleteItem'] },
    posts: true,
  },
  // Query, of these three: an owner who is none any more.
  'update-group': {
    tables: { ...whoAmI, Names: ['GetItem', 'UpdateItem'], Members: ['GetItem', 'Query'] },
  },
  invite: {
    tables: {
      ...notify,
      // DeleteItem: who was removed may come back.
      Names: ['GetItem', 'UpdateItem', 'DeleteItem'],
      Members: ['GetItem', 'Query'],
    },
    posts: true,
  },
  'remove-member': {
    tables: {
      ...notify,
      Names: ['GetItem', 'UpdateItem', 'PutItem'],
      Members: ['GetItem', 'Query', 'PutItem'],
    },
    posts: true,
  },
  'list-members': {
    tables: {
      ...whoAmI,
      Names: ['GetItem'],
      Members: ['GetItem', 'Query'],
      ...whoIsThere,
    },
    looks: true,
  },
  typing: {
    tables: {
      ...notify,
      Names: ['GetItem'],
      Members: ['BatchGetItem', 'Query'],
    },
    posts: true,
  },
  presence: { tables: { ...whoAmI, ...whoIsThere }, looks: true },
  ping: { tables: {} },
  help: { tables: {} },
};

/** What each function may do. */
export const grants: Readonly<Record<string, Grants>> = {
  ...commandGrants,
  // PutItem of Levels also claims a part for the copy that is done (chat/parts.ts).
  'fan-out': {
    tables: {
      ...limit,
      Connections: ['DeleteItem'],
      Inboxes: ['BatchGetItem', 'UpdateItem'],
      Overflow: ['PutItem'],
      Members: ['Query', 'BatchGetItem', 'UpdateItem'],
      History: ['GetItem', 'BatchGetItem'],
    },
    posts: true,
    closes: true,
    later: true,
  },
  // These post an answer to a frame of their type (lambdas/life-cycle.ts).
  connect: { tables: {}, posts: true, closes: true },
  'connect-identity': {
    tables: {
      ...claimName,
      Credentials: ['GetItem', 'PutItem'],
      Inboxes: ['PutItem'],
      Connections: ['PutItem'],
    },
    posts: true,
    closes: true,
  },
  disconnect: {
    tables: { Connections: ['GetItem', 'DeleteItem'], Inboxes: ['UpdateItem'] },
    posts: true,
    closes: true,
  },
  // Each command runs in its own function, whoever typed it.
  default: { tables: {}, posts: true, closes: true, invokes: true },
};
/** What a function may do with connections, in the management API's words. */
export function verbsOf({ posts, closes, looks }: Grants): string[] {
  return [...(posts ? ['POST'] : []), ...(closes ? ['DELETE'] : []), ...(looks ? ['GET'] : [])];
}
