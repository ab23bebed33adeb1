import { chatsIn, goesOn } from './entries.ts';
import { begin, expect, firstHeld } from './log.ts';
import type { Logs } from './logs.ts';
import type { Ask } from './session.ts';
import type { ChatSummary, Frame } from './types.ts';

/**
 * Sets where a client without cursors starts: in each chat after the entries that exist, pending ones excepted. Otherwise
 * a new device would receive everything ever written.
 */
export async function findStart(logs: Logs, ask: Ask): Promise<void> {
  for (const { chat_id, last_seq: last } of await allChats(ask)) {
    const log = logs.get(chat_id);
    if (log.cursor === undefined) begin(log, Math.min(last, (firstHeld(log) ?? last + 1) - 1));
    expect(log, last);
  }
}

/** Fetches all of the user's chats, page by page. */
export async function allChats(ask: Ask): Promise<ChatSummary[]> {
  const chats: ChatSummary[] = [];
  for (let at: object | undefined = {}; at; ) {
    const { chats: found, next }: Frame = await ask({ type: 'list_chats', ...at });
    chats.push(...chatsIn(found));
    at = goesOn(at, next) ? next : undefined;
  }
  return chats;
}
