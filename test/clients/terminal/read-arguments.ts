import { parseCommand } from '../../../cli/command.ts';
import { argumentsOf, command } from '../../../clients/terminal/arguments.ts';

/** What `npm run chat` is asked for. @throws UsageError */
export const readArguments = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  argumentsOf(parseCommand(command, args), env);
