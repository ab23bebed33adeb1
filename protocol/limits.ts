/** Every size and count that the wire knows. Bytes are of UTF-8. Source: protocol.md, API Gateway's quotas. */
export const limits = {
  /** A group's name, and that of a registered user, in characters. */
  nameLength: 32,
  /** The id of an identity provider's user, in characters. */
  userIdLength: 128,
  /** One message's content, in bytes. */
  contentBytes: 16 * 1024,
  /** A request of the server API, in bytes of JSON: as much as API Gateway takes from a client. */
  requestBytes: 128 * 1024,
  /** `request_id` and `client_message_id`, in characters. */
  idLength: 64,
  /** A password, in bytes. */
  passwordBytes: 256,
  /** A session token, in characters: 43 are 256 bits, and a server may come to need more. */
  tokenLength: 128,
  /** A token of an identity provider, in characters: longer ones don't fit into common limits of HTTP headers either. */
  jwtLength: 8 * 1024,
  /** One page of messages; below API Gateway's frame of 32 KB (32,768 bytes), so that no page is fragmented. */
  frameBytes: 32_000,
  /** Messages in one page of history, at most and if the request does not say. */
  historyLimit: 200,
  historyDefault: 50,
  /** Members in one page of a group's list, if the request does not say. */
  membersDefault: 100,
  /** Users that one request may ask after: as many inboxes as the database reads at once. */
  presence: 100,
  /**
   * Chats that one request may give its cursors for: with names and seqs of the greatest length each takes 85 bytes of the
   * 128 KB that a message of API Gateway's has, and a login's other fields up to 12 KB. In a single frame of 32 KB there
   * is room for 330 of these, and more shorter ones. Of an identity provider's ids fewer fit.
   */
  cursors: 1_400,
  /** Entries that `list_chats` looks at to count what is unread, where counts don't tell: those of groups. */
  unreadLook: 50,
  /** How far back a retry without `after_seq` is recognised, in messages of the chat. */
  retryWindow: 100,
  /**
   * How long after their user is locked out commands may still store something, in milliseconds: functions of commands end within
   * 29 seconds (lib/parley.ts), and the server API hands a call to one within seconds of looking at the user, after up to 10
   * seconds in which Lambda starts it.
   */
  callLife: 60_000,
  /** Changes of one message. */
  changes: 50,
  /** Groups that one user may be in. */
  groups: 500,
  /** Members that one group may have. */
  members: 100_000,
  /** Members of the largest group that is told who is typing: in a larger one, somebody always is. */
  typing: 100,
  /** A user's display name or a group's title, in characters (code points), and a group's topic. */
  displayName: 100,
  topic: 250,
  /** The address of a picture, in characters of ASCII. */
  urlLength: 1024,
  /** An application's data in a profile, in bytes of JSON. A whole profile fits into the 4 KB that one read unit covers. */
  profileBytes: 2 * 1024,
  /** Profiles that one request may ask for: as many items as the database reads at once. */
  profiles: 100,
} as const;
