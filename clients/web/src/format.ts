const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const ofDay = { weekday: 'short', day: 'numeric', month: 'short' } as const;
const day = new Intl.DateTimeFormat(undefined, ofDay);
const dayOfYear = new Intl.DateTimeFormat(undefined, { ...ofDay, year: 'numeric' });

/** `09:41`. */
export const timeOf = (timestamp: string): string => clock.format(new Date(timestamp));

/** `Mon, 23 Nov`, and the year if it is another one than now. */
export function dayOf(timestamp: string): string {
  const date = new Date(timestamp);
  return (date.getFullYear() === new Date().getFullYear() ? day : dayOfYear).format(date);
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
