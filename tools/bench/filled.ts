import type { Cloud } from '../../local/cloud.ts';

/** A chat that was filled: its id, the other one in it, and how many messages it has. */
export interface FilledChat {
  id: string;
  partner: string;
  messages: number;
}

/** What a filled chat is like. */
interface Filling {
  /** Messages in it, numbered from 1, all of the partner's (1). */
  messages?: number;
  /** Of the first message, milliseconds since 1970; each that follows is a second later (an hour ago). */
  from?: number;
  content?: string;
}

// Of all fillings of a process.
let partners = 0;

/**
 * Fills a cloud's tables directly, for a scene with more than sockets could write in a second:
 *
 *     const chats = await fillChats(cloud, alice.name, 500);                      // 500 chats, one message each
 *     const [long] = await fillChats(cloud, alice.name, 1, { messages: 10_000 }); // one long chat
 *
 * The rows are those that sends would have left, but nothing is pending. Partners are names that nobody registered: messages
 * can be read, and not be sent to them.
 * @param username who has registered
 */
export async function fillChats(
  cloud: Pick<Cloud, 'fill'>,
  username: string,
  count: number,
  { messages = 1, from = Date.now() - 3_600_000, content = 'hello' }: Filling = {},
): Promise<FilledChat[]> {
  const chats = Array.from({ length: count }, () => {
    const partner = `p${String(++partners).padStart(6, '0')}`;
    return { id: [partner, username].sort().join(':'), partner, messages };
  });
  const rows = chats.flatMap(({ id, partner }) =>
    [username, partner].map((each) => ({ chat_id: id, username: each, role: 'peer', since: 1 })),
  );
  const entryOf = ({ id, partner }: FilledChat, seq: number) => ({
    chat_id: id,
    seq,
    id: `${id} ${seq}`,
    sender: partner,
    content,
    at: from + seq * 1_000,
    // As an appender counts them (chat/history/counts.ts); all are the partner's.
    counts: id.startsWith(`${partner}:`) ? [seq, 0, 0] : [0, seq, 0],
  });
  await cloud.fill('Members', rows);
  await cloud.fill(
    'History',
    chats.flatMap((chat) => Array.from({ length: messages }, (_, index) => entryOf(chat, index + 1))),
  );
  return chats;
}

/** The cursors of a client that has all of these chats. */
export const cursorsOf = (chats: readonly FilledChat[]): Record<string, number> =>
  Object.fromEntries(chats.map(({ id, messages }) => [id, messages]));
