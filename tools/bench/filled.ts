import type { Cloud } from '../../local/cloud.ts';

/** A filled chat: its id, the other user, and the number of messages. */
export interface FilledChat {
  id: string;
  partner: string;
  messages: number;
}

/** The messages of a filled chat. */
interface Filling {
  /** The number of messages, all from the partner (default: 1). */
  messages?: number;
  /** The time of the first message in milliseconds since 1970 (default: an hour ago); each one after it is a second later. */
  from?: number;
  content?: string;
}

// Counted over the whole process, so that names are unique.
let partners = 0;

/**
 * Fills a cloud's tables directly, since writing so much over sockets would take too long:
 *
 *     const chats = await fillChats(cloud, alice.name, 500);                      // 500 chats, one message each
 *     const [long] = await fillChats(cloud, alice.name, 1, { messages: 10_000 }); // one long chat
 *
 * The rows are those that sends would have left, but nothing is pending. The partners are not registered: their messages can
 * be read, but nothing can be sent to them.
 * @param username a registered user
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
    // The running counts that an append keeps (chat/history/counts.ts); all messages are the partner's.
    counts: id.startsWith(`${partner}:`) ? [seq, 0, 0] : [0, seq, 0],
  });
  await cloud.fill('Members', rows);
  await cloud.fill(
    'History',
    chats.flatMap((chat) => Array.from({ length: messages }, (_, index) => entryOf(chat, index + 1))),
  );
  return chats;
}

/** The cursors of a client that has all messages of these chats. */
export const cursorsOf = (chats: readonly FilledChat[]): Record<string, number> =>
  Object.fromEntries(chats.map(({ id, messages }) => [id, messages]));
