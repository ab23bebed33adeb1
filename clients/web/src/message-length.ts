// Source: clients/sdk/outbox.ts. What is quoted in JSON, like line breaks, takes more of a frame.
const CONTENT_BYTES = 16 * 1024;
// 32 KiB without the frame's other fields.
const JSON_BYTES = 31 * 1024;
/** No text of so few characters is near the limit. */
const SHORT = 2_000;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** How much of the longest message a text is; above 1, it is too long. */
export function fullness(text: string): number {
  if (text.length < SHORT) return 0;
  const sent = asSent(text);
  return Math.max(bytesOf(sent) / CONTENT_BYTES, bytesOf(JSON.stringify(sent)) / JSON_BYTES);
}

/** About how many characters there are too many. */
export const surplus = (text: string): number =>
  Math.max(1, Math.round(asSent(text).length * (1 - 1 / fullness(text))));

/** A text as it is sent: without empty lines before and white space behind it, its first line indented as typed. */
export const asSent = (text: string): string => text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
