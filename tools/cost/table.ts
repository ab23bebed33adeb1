import { type Bill, billFor } from './bill.ts';
import type { Load } from './load.ts';
import type { Result } from './result.ts';
import { times } from './usage.ts';

/** The result as text: the counted work, the bills side by side, and the bill of an idle month. */
export const tableOf = (result: Result): string =>
  [
    ...[header(result), operations(result), bills(result), perUser(result)],
    ...(result.events ? [eventsOf(result.events)] : []),
    ...[idleMonth(result), notes(result)],
  ].join('\n\n');

/** A one-line description of a chart's load. */
export const captionOf = ({ messages, members, online }: Load): string =>
  `${short(messages)} messages a day each, groups of ${count(members)}, ${short(online * 100)} % online.`;

function header({ load, prices, freeTier }: Result): string {
  const { users, messages, members, online, direct, bytes, visits, kept, ping } = load;
  const percent = (share: number) => `${short(share * 100)} %`;
  return `${count(users)} users, ${percent(online)} of them online, ${short(visits)} visits a day; each sends ${short(messages)} messages a day of ${bytes} bytes,
${percent(direct)} to one user, the others to a group of ${count(members)}; kept for ${short(kept)} months; a ping after ${short(ping)} s of silence.
AWS's list prices of ${prices.date}, ${prices.region}, ${freeTier ? 'with' : 'without'} the free tier.`;
}

function operations({ operations: rows }: Result): string {
  const head = ['operation', 'a month', 'calls', 'writes', 'reads', 'posts', 'ms', 'MB', 'a million'];
  const lines = rows.map(({ operation, count: often, counted: { requests, posts, ms, memory, usage } }) => [
    operation,
    count(often),
    ...[requests, usage.writes ?? 0, usage.reads ?? 0, posts, ms].map(short),
    String(memory),
    dollars(billFor(times(1e6, usage)).dollars),
  ]);
  return columns([head, ...lines]);
}

function bills({ designs }: Result): string {
  const names = [...new Set(designs.flatMap(({ bill }) => bill.lines.map(({ line }) => line)))];
  const find = (bill: Bill, name: string) => bill.lines.find(({ line }) => line === name);
  const [first] = designs;
  const lines = names.map((name) => {
    const ours = first && find(first.bill, name);
    const amount = ours ? `${short(ours.amount)} ${ours.unit}` : '–';
    return [name, amount, ...designs.map(({ bill }) => dollars(find(bill, name)?.dollars ?? 0))];
  });
  const total = ['dollars a month', '', ...designs.map(({ bill }) => dollars(bill.dollars))];
  const head = ['', `used by ${first?.name}`, ...designs.map(({ name }) => name)];
  return columns([head, ...lines, total]);
}

function perUser({ designs, load }: Result): string {
  const each = designs.map(({ name, bill }) => `${name} ${dollars(bill.dollars / load.users)}`);
  return `Per user and month: ${each.join(', ')}.`;
}

function eventsOf(bill: Bill): string {
  const lines = bill.lines.map(({ line, dollars: cost }) => `${line} ${dollars(cost)}`);
  return `A million events of messages, included above: ${dollars(bill.dollars)} (${lines.join(', ')}).`;
}

function idleMonth({ idle }: Result): string {
  const lines = idle.lines.map(({ line, dollars: cost }) => `${line} ${dollars(cost)}`);
  return `Idle, with all of these messages stored: ${dollars(idle.dollars)} a month (${lines.join(', ')}).`;
}

const notes = ({ ms }: Result): string =>
  `Calls, units, posts, frames and log lines are counted. ${
    ms === undefined
      ? 'Milliseconds were measured on this machine and are an estimate; --ms sets them.'
      : `Invocations are assumed to take ${short(ms)} ms (--ms).`
  }\ndocs/cost.md explains what the figures include and how the other designs are computed.`;

/** Aligns the first column to the left and the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const cell = (text: string, at: number) =>
    at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0);
  return rows.map((row) => row.map(cell).join('   ').trimEnd()).join('\n');
}

/** Formats a whole number. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Formats with three significant digits and all digits before the point; large values in M (millions) or G (billions). */
export function short(value: number): string {
  if (value >= 1e9) return `${short(value / 1e9)} G`;
  if (value >= 1e6) return `${short(value / 1e6)} M`;
  const digits = value >= 100 || value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(value)));
  return Number(value.toFixed(Math.min(6, digits))).toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** Formats to the cent; below a dollar, with two significant digits. */
export function dollars(value: number): string {
  const digits = value === 0 || value >= 1 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(value)));
  return `$${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
