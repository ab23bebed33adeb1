import type { APIGatewayProxyResultV2, Context } from 'aws-lambda';
import type { Caller } from '../../chat/model.ts';
import type { Gateway } from '../../chat/ports.ts';
import type { Command, ReplyOf, RequestOf } from '../../protocol/index.ts';
import { answering, frameOf, type Run } from './answer.ts';
import type { Event } from './event.ts';
import { type LambdaFunction, lambdaFunction, type PortsFor } from './lambda-function.ts';
import { metered } from './metered.ts';
import { withObservability } from './observability.ts';
import { requestLimiter } from './ports.ts';
import { postingHandler } from './post-replies.ts';

/** The handler that API Gateway invokes. */
export type Handler = (event: Event, context: Context) => Promise<APIGatewayProxyResultV2>;

/** A command's use case with its ports. Returns nothing if it posts its own reply. */
type UseCase<C extends Command, P> = (
  ports: P,
  request: RequestOf<C>,
  caller: Caller,
  requestId?: string,
  // biome-ignore lint/suspicious/noConfusingVoidType: a use case that posts its reply has none to return.
) => Promise<ReplyOf<C> | void> | ReplyOf<C>;

/** Options of a command's function. */
interface RouteOptions {
  /** It hashes passwords, which takes 128 MiB and 0.4 s of a full core: it gets a full core, and its route is throttled. */
  hashesPasswords?: true;
  /** It gets the reserved concurrency of `-c sendConcurrency`. */
  isSend?: true;
}

/** The function of a command. */
export interface Route<C extends Command = Command> extends LambdaFunction<Handler>, RouteOptions {
  command: C;
  useCase: UseCase<C, never>;
  /** Whether the reply goes through the route response; otherwise the function posts it. */
  repliesInBand: boolean;
}

/** The function of a command that counts against its user's rate. */
export const route = <C extends Command, P>(
  command: C,
  useCase: UseCase<C, P>,
  ports: PortsFor<NoInfer<P>>,
  options: RouteOptions = {},
): Route<C> => ({
  ...lambdaFunction<P & Metered, Handler>(metering(ports), (made) =>
    inBandHandler(command, metered(command, made.requestLimiter, runOf(useCase, made))),
  ),
  ...options,
  command,
  useCase: useCase as UseCase<C, never>,
  repliesInBand: true,
});

/** The function of a command with a price of 0. */
export const freeRoute = <C extends Command, P>(
  command: C,
  useCase: UseCase<C, P>,
  ports: PortsFor<NoInfer<P>>,
  options: RouteOptions = {},
): Route<C> => ({
  ...lambdaFunction<P, Handler>(ports, (made) => inBandHandler(command, runOf(useCase, made))),
  ...options,
  command,
  useCase: useCase as UseCase<C, never>,
  repliesInBand: true,
});

/** Like `route`, for a use case that posts its own reply. Errors are posted, too. */
export const postingRoute = <C extends Command, P extends { gateway: Gateway }>(
  command: C,
  useCase: UseCase<C, P>,
  ports: PortsFor<NoInfer<P>>,
  options: RouteOptions = {},
): Route<C> => ({
  ...lambdaFunction<P & Metered, Handler>(metering(ports), (made) =>
    postingHandler(
      command.type,
      made.gateway,
      (event) => frameOf(command, event),
      metered(command, made.requestLimiter, runOf(useCase, made)) as Run<Command>,
    ),
  ),
  ...options,
  command,
  useCase: useCase as UseCase<C, never>,
  repliesInBand: false,
});

interface Metered {
  requestLimiter: ReturnType<ReturnType<typeof requestLimiter>['make']>;
}

const metering = <P>(ports: PortsFor<P>): PortsFor<P & Metered> =>
  ({ ...ports, requestLimiter: requestLimiter() }) as PortsFor<P & Metered>;

const runOf =
  <C extends Command, P>(useCase: UseCase<C, P>, ports: P): Run<C> =>
  async (request, caller, requestId) =>
    useCase(ports, request, caller, requestId);

function inBandHandler<C extends Command>(command: C, run: Run<C>): Handler {
  const answer = answering();
  return withObservability(command.type, async (event: Event, context: Context) => {
    const body = await answer(frameOf(command, event), run as Run<Command>, event, context);
    return { statusCode: 200, body };
  });
}
