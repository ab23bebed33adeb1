import { limits } from './limits.ts';
import { oneLine } from './lines.ts';
import type { WireMessage } from './messages.ts';

const encoder = new TextEncoder();

/** Bytes of UTF-8. */
export const bytesOf = (text: string): number => encoder.encode(text).length;

/** The maximum size of a message in a page, JSON or text, in bytes of UTF-8, with its comma or line end. */
export const sizeOf = (message: WireMessage): number =>
  bytesOf(JSON.stringify({ ...message, content: oneLine(message.content) })) + 1;

/**
 * The first items that fit into one frame, at least one.
 * @param overhead bytes of the frame around them
 * @param size bytes of one, with its comma
 */
export function fitting<T>(items: readonly T[], overhead: number, size: (item: T) => number): T[] {
  let room = limits.frameBytes - overhead;
  const end = items.findIndex((item, index) => {
    room -= size(item);
    return room < 0 && index > 0;
  });
  return end === -1 ? [...items] : items.slice(0, end);
}

// Bytes for `type`, `status`, `next`, and a `request_id` of 64 characters that take 6 bytes each.
const AROUND_PARTS = 1_000;

/** The first parts of a reply that fit into one frame, JSON or text (where a control character takes more), at least one. */
export function pageThatFits<T>(parts: readonly T[]): { page: T[]; more: boolean } {
  const page = fitting(parts, AROUND_PARTS, (part) => bytesOf(oneLine(JSON.stringify(part))) + 1);
  return { page, more: page.length < parts.length };
}

/** Bytes of an id in a frame. */
export const idBytes = (id: string): number => bytesOf(JSON.stringify(id));

// What a page leaves room for in `next`: more than the ids of two users with the longest names take.
const NEXT = 250;

/** Bytes by which `next` may be larger than a page leaves room for, if it names one of these chats. */
export const surplusOfNext = (chats: readonly string[]): number =>
  Math.max(0, ...chats.map((chat) => idBytes(chat) - NEXT));
