import { limits, oneLine, type WireMessage } from '../protocol/index.ts';

const encoder = new TextEncoder();

/** Bytes of UTF-8. */
export const bytesOf = (text: string): number => encoder.encode(text).length;

/** The maximum size of a message in a page, JSON or text, in bytes of UTF-8, with its comma or line end. */
export const sizeOf = (message: WireMessage): number =>
  bytesOf(JSON.stringify({ ...message, content: oneLine(message.content) })) + 1;

/**
 * The first messages that fit into one frame, at least one.
 * @param overhead bytes of the frame around them
 */
export function fitting(messages: readonly WireMessage[], overhead: number): WireMessage[] {
  let room = limits.frameBytes - overhead;
  const end = messages.findIndex((message, index) => {
    room -= sizeOf(message);
    return room < 0 && index > 0;
  });
  return end === -1 ? [...messages] : messages.slice(0, end);
}
