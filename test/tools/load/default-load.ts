import { parseCommand } from '../../../cli/command.ts';
import { command, loadOf } from '../../../tools/load/options.ts';

/** What a command line asks for. */
export function read(...args: string[]) {
  const { values } = parseCommand(command, args);
  return { load: loadOf(values), url: values.url };
}

/** The load of a run without options. */
export const defaultLoad = read().load;
