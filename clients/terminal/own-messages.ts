import { UNDO_MS } from '../view/changes.ts';
import type { Row } from '../view/view.ts';
import { type Host, Refusal, refOf, wordFor } from './host.ts';

const NUMBER = /^:(\d+)(?:\s+|$)/;

/** Replaces the text of a message. @param words the text, with the message's number before it if it is not the last */
export async function edit(host: Host, row: Row, words: string): Promise<void> {
  const [start = '', number] = NUMBER.exec(words) ?? [];
  const content = words.slice(start.length);
  if (content === '') throw new Refusal('What should it say? /delete takes a message back.');
  host.edit(refOf(row), number === undefined ? await lastOf(host, row) : Number(number), content);
}

/** Takes a message back. @param number like `:12`; absent, the last one */
export async function remove(host: Host, row: Row, number?: string): Promise<void> {
  const [, digits] = NUMBER.exec(number ?? '') ?? [];
  if (number !== undefined && digits === undefined)
    throw new Refusal(`${number} is no number of a message, like :12. /numbers shows them.`);
  host.remove(refOf(row), digits === undefined ? await lastOf(host, row) : Number(digits));
  // A script means what it says.
  if (!host.isPatient) host.tell([`It is deleted in ${UNDO_MS / 1_000} s. /undo keeps it.`]);
}

/** Keeps the message that was taken back last. */
export function undo(host: Host): void {
  const deletion = host.chat.sendings.findLast(({ canUndo }) => canUndo);
  if (!deletion) throw new Refusal('There is nothing to undo: only what was deleted just now can be kept.');
  host.chat.undo(deletion.id);
  host.tell(['It stays.']);
}

async function lastOf(host: Host, row: Row): Promise<number | string> {
  const target = await host.lastOwn(refOf(row));
  if (target === undefined)
    throw new Refusal(
      host.isPatient
        ? `Nothing was sent to ${wordFor(row)} by this run: give the number of a message, like :12.`
        : 'There is no message of yours here.',
    );
  return target;
}

export function retry(host: Host): void {
  for (const id of failed(host)) host.chat.retry(id);
}

/** Forgets what failed, and the chats in which there is nothing else: of users who don't exist. */
export function discard(host: Host): void {
  for (const id of failed(host)) host.chat.discard(id);
  for (const row of host.rows) if (row.kind === 'private' && row.lastSeq === 0) host.left(row);
}

function failed({ chat }: Host): string[] {
  const ids = chat.sendings.filter(({ status }) => status === 'failed').map(({ id }) => id);
  if (ids.length === 0) throw new Refusal('Nothing has failed.');
  return ids;
}
