import { expect } from 'vitest';
import type { Client } from './client.ts';
import { type Message, parseFrame } from './frame.ts';

/** Logs in, and takes all that was pending: what the reply carries, and the frames that follow it. */
export async function loginWithPending(
  user: Client,
  username: string,
  password?: string,
): Promise<Message[]> {
  const reply = await user.request({ type: 'login', username, ...(password && { password }) });
  expect(reply.status).toBe('login_success');
  const found = reply.pending_messages ?? [];
  for (let more = reply.more; more; ) {
    const frame = parseFrame(await user.nextText('pending_messages', () => true));
    expect(frame?.type).toBe('pending_messages');
    found.push(...(frame?.messages ?? []));
    more = frame?.more;
  }
  return found;
}
