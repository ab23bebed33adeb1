const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const ofDay = { weekday: 'short', day: 'numeric', month: 'short' } as const;
const day = new Intl.DateTimeFormat(undefined, ofDay);
const dayOfYear = new Intl.DateTimeFormat(undefined, { ...ofDay, year: 'numeric' });

/** Tolerates an invalid time: a faulty service must not take the page away. */
const formatted = (format: Intl.DateTimeFormat, date: Date): string =>
  Number.isNaN(date.getTime()) ? '' : format.format(date);

/** `09:41` or `9:41 AM`: as the reader's language writes it. */
export const timeOf = (timestamp: string): string => formatted(clock, new Date(timestamp));

/** `Mon, 23 Nov`, and the year if it is another one than now. */
export function dayOf(timestamp: string): string {
  const date = new Date(timestamp);
  return formatted(date.getFullYear() === new Date().getFullYear() ? day : dayOfYear, date);
}

/** The time if it is today, otherwise the day. */
export const whenOf = (timestamp: string): string =>
  new Date(timestamp).toDateString() === new Date().toDateString() ? timeOf(timestamp) : dayOf(timestamp);

/** The hue of a name, the same everywhere. */
export function hueOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % 360;
}

/** A relative time like `3 minutes ago`. */
export function agoOf(timestamp: string): string {
  const minutes = Math.round((Date.now() - Date.parse(timestamp)) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.round(minutes / 60)} h ago`;
  return dayOf(timestamp);
}

// Characters; one sees or hears where it ends, and can go to it.
const MOST_OF_TEXT = 200;

/** The start of a message beside those of others: in one line, so that it can't look like a line of somebody else. */
export function startOf(content: string): string {
  const characters = [...content.replace(/[\s\u2028\u2029]+/gu, ' ').trim()];
  const start = characters.slice(0, MOST_OF_TEXT).join('');
  return characters.length > MOST_OF_TEXT ? `${start} …` : start;
}
