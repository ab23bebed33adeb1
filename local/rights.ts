import type { Identity } from './iam.ts';
import type { Conditions, Statement } from './template/model.ts';

/** A row of the table: what one function may do to one resource. */
interface Row {
  who: string;
  what: string;
  how: string;
}

/** Shortens `arn:aws:dynamodb:…:table/Directory8B2C83D9` to `Directory`. */
const short = (resource: string): string =>
  resource
    .replace(/^arn:aws:[^:]*:[^:]*:[^:]*:/, '')
    .replace(/^table\//, '')
    .replace(/(?<=[A-Za-z])[0-9A-F]{8}(?=\/|$)/, '');

const ofConditions = (conditions: Conditions = {}): string =>
  Object.entries(conditions)
    .flatMap(([operator, byKey]) =>
      Object.entries(byKey).map(([key, wanted]) => ` if ${operator} ${key} ${wanted.join('|')}`),
    )
    .join(' and');

/** Leaves out the right to write the function's own log, which every function has. */
const isLog = (action: string): boolean => action.startsWith('logs:');

function rowsOf({ name, statements }: Identity): Row[] {
  // Statements that differ only in their actions are merged.
  const actionsBy = new Map<string, Row & { actions: string[] }>();
  for (const { effect, actions, resources, conditions } of statements as readonly Statement[]) {
    for (const resource of resources) {
      const how = ofConditions(conditions);
      const key = [effect, resource, how].join('\t');
      const what = `${effect === 'Deny' ? 'never ' : ''}${short(resource)}`;
      const row = actionsBy.get(key) ?? { who: name, what, how, actions: [] };
      row.actions.push(...actions.filter((action) => !isLog(action)));
      actionsBy.set(key, row);
    }
  }
  return [...actionsBy.values()]
    .filter(({ actions }) => actions.length > 0)
    .map(({ actions, how, ...row }) => ({
      ...row,
      how: actions.map((action) => action.replace(/^.*:/, '')).join(', ') + how,
    }));
}

/** Formats the rights as a table, followed by the functions without any. */
export function rightsTable(functions: readonly Identity[]): string {
  const rows = functions.flatMap(rowsOf);
  const width = (column: 'who' | 'what') => Math.max(0, ...rows.map((row) => row[column].length));
  const lines = rows.map(({ who, what, how }, index) => {
    const first = rows[index - 1]?.who === who ? '' : who;
    return `${first.padEnd(width('who'))}  ${what.padEnd(width('what'))}  ${how}`;
  });
  const idle = functions.map(({ name }) => name).filter((name) => !rows.some(({ who }) => who === name));
  const logs = new Set(functions.flatMap(({ statements }) => statements.flatMap(({ actions }) => actions)));
  const unchecked = [...logs].filter(isLog).join(', ');
  const notes = [
    idle.length > 0 ? `No other rights: ${idle.join(', ')}` : '',
    unchecked && `Not checked on this machine, which has no log streams: ${unchecked}`,
  ].filter((note) => note !== '');
  return [...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}
