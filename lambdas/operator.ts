import type { Context } from 'aws-lambda';
import type { Caller } from '../chat/model.ts';
import type { OperatorCommand, ReplyOf, RequestOf } from '../protocol/index.ts';
import { type AnyCommand, answering, frameOf, type Run } from './runtime/answer.ts';
import type { BackendEvent } from './runtime/event.ts';
import { type LambdaFunction, lambdaFunction, type Port, type PortsFor } from './runtime/lambda-function.ts';
import { withObservability } from './runtime/observability.ts';

/** A command of the operator's, with its use case and that one's ports. */
export interface OperatorRow<C extends OperatorCommand = OperatorCommand> {
  command: C;
  run: LambdaFunction<Run<C>>;
}

/** Binds a command of the operator's to its use case. */
export const operatorRow = <C extends OperatorCommand, P>(
  command: C,
  useCase: (ports: P, request: RequestOf<C>, caller: Caller) => Promise<ReplyOf<C>>,
  ports: PortsFor<NoInfer<P>>,
): OperatorRow<C> => ({
  command,
  run: lambdaFunction<P, Run<C>>(ports, (made) => (request, caller) => useCase(made, request, caller)),
});

/** What the server API gets from the function of a command. */
type Handler = (event: BackendEvent, context: Context) => Promise<{ statusCode: number; body?: string }>;

/** A row for each of the operator's commands. */
type Rows = { [T in OperatorCommand['type']]: OperatorRow<Extract<OperatorCommand, { type: T }>> };

/** The function of all of them. */
export function operatorFunction(rows: Rows): LambdaFunction<Handler> {
  const all = Object.values(rows) as unknown as OperatorRow[];
  // Its only ports are the use cases, whose rights are theirs.
  const ports = Object.fromEntries(
    all.map(({ command, run }) => [
      command.type,
      { make: run.handler, grants: run.grants } satisfies Port<unknown>,
    ]),
  ) as PortsFor<Record<string, Run<OperatorCommand>>>;
  return lambdaFunction(ports, (runs) => {
    const answer = answering();
    const handlers = new Map(
      all.map(({ command }) => {
        const run = runs[command.type] as unknown as Run<AnyCommand>;
        const handle = withObservability(command.type, async (event: BackendEvent, context: Context) => ({
          statusCode: 200,
          body: await answer(frameOf<AnyCommand>(command, event), run, event, context),
        }));
        return [command.type as string, handle];
      }),
    );
    return async (event, context) => {
      const { type } = JSON.parse(event.body) as { type: string };
      const handle = handlers.get(type);
      if (handle === undefined) throw new Error(`${type} is no command of the operator's`);
      return handle(event, context);
    };
  });
}
