import type { Identity } from './iam.ts';
import type { Conditions, Statement } from './template/model.ts';

/** A row of the table: what one function may do to one resource. */
interface Row {
  who: string;
  what: string;
  how: string;
}

/** `arn:aws:dynamodb:…:table/Directory8B2C83D9` is `Directory` to a person. */
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

/** Every function may write its own log, so that is left out. */
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
  const unjudged = [...logs].filter(isLog).join(', ');
  const notes = [
    idle.length > 0 ? `Nothing more: ${idle.join(', ')}` : '',
    unjudged && `Not judged on this machine, where nobody writes log streams: ${unjudged}`,
  ].filter((note) => note !== '');
  return [...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}
