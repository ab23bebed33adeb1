import type { Log } from './log.ts';
import type { Logs } from './logs.ts';
import type { Ask } from './session.ts';
import type { ChatSummary, Frame } from './types.ts';

/**
 * Where a client begins that has no cursors: in each chat behind what is there already, but for what is pending. Without
 * that, a new device would be told everything that was ever written.
 */
export async function findStart(logs: Logs, ask: Ask): Promise<void> {
  for (const { chat_id, last_seq } of await allChats(ask)) {
    const log = logs.get(chat_id);
    if (log.cursor === undefined) log.begin(beginning(log, last_seq));
    log.expect(last_seq);
  }
  logs.isHeld = false;
}

const beginning = (log: Log, last: number): number => Math.min(last, (log.firstHeld ?? last + 1) - 1);

/** All of the user's chats, page by page. */
export async function allChats(ask: Ask): Promise<ChatSummary[]> {
  const chats: ChatSummary[] = [];
  for (let next: object | undefined = {}; next; ) {
    const page: Frame = await ask({ type: 'list_chats', ...next });
    chats.push(...(page.chats as ChatSummary[]));
    next = page.next as object | undefined;
  }
  return chats;
}
