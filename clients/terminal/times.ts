type Pattern = 'time' | 'day';

const patterns: Record<Pattern, Intl.DateTimeFormatOptions> = {
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
};

const formats = new Map<string, Intl.DateTimeFormat>();

// Cached, because creating a formatter takes longer than using it.
function format(pattern: Pattern, timeZone: string | undefined): Intl.DateTimeFormat {
  const key = `${pattern} ${timeZone}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...patterns[pattern], timeZone });
  formats.set(key, known);
  return known;
}

/** `09:41`, always 5 columns. @param timeZone default: the machine's */
export const timeOf = (timestamp: string, timeZone?: string): string => shown('time', timestamp, timeZone);

/** `Mon, 23 Nov 2026`. */
export const dayOf = (timestamp: string, timeZone?: string): string => shown('day', timestamp, timeZone);

/** Tolerates an invalid time: a faulty service must not crash the terminal. */
function shown(pattern: Pattern, timestamp: string, timeZone: string | undefined): string {
  const time = new Date(timestamp);
  return Number.isNaN(time.getTime()) ? '--:--' : format(pattern, timeZone).format(time);
}
