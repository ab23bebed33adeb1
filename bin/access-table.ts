import { outcomeFor, WHO_WITH_PROVIDER } from '../protocol/command.ts';
import { commands, examples } from '../protocol/index.ts';

const HEAD = ['command', ...WHO_WITH_PROVIDER, 'with a provider'];
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** Who may use which command, as a table for docs/security.md. */
function accessTable(): string {
  const rows = commands.map(({ type }) => {
    const example = examples[type];
    const outcomes = WHO_WITH_PROVIDER.map((who) => outcomeFor(example, who));
    const cells = [...outcomes, example.withProvider ?? ''];
    return row([`\`${type}\``, ...cells.map((each) => (each.includes('_') ? `\`${each}\`` : each))]);
  });
  return [row(HEAD), row(HEAD.map(() => '---')), ...rows].join('\n');
}

/** docs/security.md with that table in it. @throws Error if it has no place for it */
export function withAccessTable(page: string): string {
  const lines = page.split('\n');
  const first = lines.indexOf(row(HEAD));
  const last = lines.indexOf('', first);
  if (first === -1 || last === -1) throw new Error('docs/security.md has no table of who may do what');
  return [...lines.slice(0, first), accessTable(), ...lines.slice(last)].join('\n');
}
