import type { APIGatewayProxyResultV2, Context } from 'aws-lambda';
import type { Caller } from '../../chat/model.ts';
import type { Gateway, RateLimiter } from '../../chat/ports.ts';
import type { Command, ReplyOf, RequestOf } from '../../protocol/index.ts';
import { type AnyCommand, answering, frameOf, type Run } from './answer.ts';
import type { BackendEvent, Event } from './event.ts';
import { type LambdaFunction, lambdaFunction, type Port, type PortsFor } from './lambda-function.ts';
import { metered } from './metered.ts';
import { withObservability } from './observability.ts';
import { requestLimiter } from './ports.ts';
import { postingHandler } from './post-replies.ts';

/** The handler that API Gateway and `$default` invoke. */
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
  /**
   * It hashes passwords, which takes 128 MiB and 0.4 s of a full core: it gets a full core, and frames are throttled by its
   * route or, if `$default` translated them, by this limiter.
   */
  hashesPasswords?: Port<RateLimiter>;
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
  ...lambdaFunction<P & Metered & Hashing, Handler>(hashing(metering(ports), options), (made) =>
    inBandHandler(command, made, metered(command, made.requestLimiter, runOf(useCase, made))),
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
  ...lambdaFunction<P & Hashing, Handler>(hashing(ports, options), (made) =>
    inBandHandler(command, made, runOf(useCase, made)),
  ),
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
  ...lambdaFunction<P & Metered & Hashing, Handler>(hashing(metering(ports), options), (made) =>
    postingHandler(
      command.type,
      made.gateway,
      (event) => frameOf(command, event),
      throttled(made, metered(command, made.requestLimiter, runOf(useCase, made)) as Run<Command>),
    ),
  ),
  ...options,
  command,
  useCase: useCase as UseCase<C, never>,
  repliesInBand: false,
});

/**
 * How often each command that hashes passwords may come: a hash takes 0.4 s of a core, so a flood of them must not use up
 * the shared concurrency. Each command's route is throttled to this rate (lib/parley.ts), and so are all frames
 * together that come past these routes, by `$default`.
 */
export const HASHING = { perSecond: 100, burst: 200 };

interface Hashing {
  translatedHashes?: RateLimiter;
}

const hashing = <P>(ports: PortsFor<P>, { hashesPasswords }: RouteOptions): PortsFor<P & Hashing> =>
  ({ ...ports, ...(hashesPasswords && { translatedHashes: hashesPasswords }) }) as PortsFor<P & Hashing>;

/** A run for each event: one that `$default` translated is counted with all of its kind, as the route's throttle does. */
const throttled =
  ({ translatedHashes: limiter }: Hashing, run: Run<Command>) =>
  ({ form }: Event | BackendEvent): Run<Command> =>
    form === undefined || limiter === undefined
      ? run
      : async (...request) => {
          await limiter.admit('everybody');
          return run(...request);
        };

interface Metered {
  requestLimiter: ReturnType<ReturnType<typeof requestLimiter>['make']>;
}

const metering = <P>(ports: PortsFor<P>): PortsFor<P & Metered> =>
  ({ ...ports, requestLimiter: requestLimiter() }) as PortsFor<P & Metered>;

const runOf =
  <C extends Command, P>(useCase: UseCase<C, P>, ports: P): Run<C> =>
  async (request, caller, requestId) =>
    useCase(ports, request, caller, requestId);

function inBandHandler<C extends Command>(command: C, made: Hashing, run: Run<C>): Handler {
  const answer = answering();
  const runFor = throttled(made, run as Run<Command>);
  return withObservability(command.type, async (event: Event | BackendEvent, context: Context) => {
    const body = await answer(
      frameOf<Command>(command, event),
      runFor(event) as Run<AnyCommand>,
      event,
      context,
    );
    return { statusCode: 200, body };
  });
}
