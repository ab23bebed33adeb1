type Pattern = 'time' | 'day';

const patterns: Record<Pattern, Intl.DateTimeFormatOptions> = {
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
};

const formats = new Map<string, Intl.DateTimeFormat>();

// Making one takes longer than all that is done with it.
function format(pattern: Pattern, timeZone: string | undefined): Intl.DateTimeFormat {
  const key = `${pattern} ${timeZone}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...patterns[pattern], timeZone });
  formats.set(key, known);
  return known;
}

/** `09:41`; always 5 columns. @param timeZone the machine's if absent */
export const timeOf = (timestamp: string, timeZone?: string): string => shown('time', timestamp, timeZone);

/** `Mon, 23 Nov 2026`. */
export const dayOf = (timestamp: string, timeZone?: string): string => shown('day', timestamp, timeZone);

/** What is no time, as a service that is at fault may send it, must not end the terminal. */
function shown(pattern: Pattern, timestamp: string, timeZone: string | undefined): string {
  const time = new Date(timestamp);
  return Number.isNaN(time.getTime()) ? '--:--' : format(pattern, timeZone).format(time);
}
