import type { OverflowPointer } from '../chat/model.ts';

/**
 * The sort key of a pointer. DynamoDB sorts keys by bytes. No part contains a space, and all characters of chat ids sort
 * after it.
 */
export const keyOf = ({ overflow, chat, from, id }: OverflowPointer): string =>
  [overflow, chat, String(from).padStart(16, '0'), id].join(' ');

/** The pointer of a key. */
export function pointerOf(key: string): OverflowPointer {
  const [overflow = '', chat = '', from, id = ''] = key.split(' ');
  return { overflow, chat, from: Number(from), id };
}
