import type { Caller } from '../../chat/model.ts';
import { commandRoutes } from '../../lib/functions.ts';
import { checkFields } from '../../protocol/index.ts';
import type { AllPorts } from './memory.ts';
import { type Cast, LOOKS, requestFor } from './request-for.ts';

type Ask = (ports: AllPorts) => Promise<unknown>;

/** Every command that changes something but those apart, by its type: its rule, asked as in the docs. */
export function asInTheDocs(apart: readonly string[], cast: Cast, caller: Caller): [type: string, Ask][] {
  const rest = commandRoutes.filter(({ route: { command } }) => ![...apart, ...LOOKS].includes(command.type));
  return rest.map(({ route: { command, useCase } }) => {
    const request = checkFields(command, requestFor(command.type, cast));
    return [command.type, async (ports) => useCase(ports as never, request as never, caller)];
  });
}
