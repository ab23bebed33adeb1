import type { APIGatewayProxyResultV2, Context } from 'aws-lambda';
import { type Caller, OutcomeUnknown, Unavailable } from '../chat/ports.ts';
import {
  ChatError,
  type Command,
  checkFields,
  type Frame,
  parseObject,
  type ReplyOf,
  type RequestOf,
  requestId,
  writeFail,
  writeReply,
} from '../protocol/index.ts';
import { callerOf, type Event } from './event.ts';
import { refuseFlood } from './flood.ts';
import { describe, type Level, log } from './log.ts';
import { count, took } from './metrics.ts';
import { current, elapsed, watched } from './watched.ts';
import { begins } from './world.ts';

/** A rule with its ports: what one command does. One that posts its own reply returns nothing. */
export type Run<C extends Command> = (
  request: RequestOf<C>,
  caller: Caller,
  requestId?: string,
  // biome-ignore lint/suspicious/noConfusingVoidType: a rule that posts its reply has none to return.
) => Promise<ReplyOf<C> | void>;

/** What API Gateway invokes. */
export type Handler = (event: Event, context: Context) => Promise<APIGatewayProxyResultV2>;

/** A route of one command whose reply goes back in band, through the route response. */
export function inBand<C extends Command>(command: C, run: Run<C>): Handler {
  return watched(command.type, async (event: Event, context) => {
    const body = await answer(frameOf(command, event), () => run as Run<Command>, event, context);
    return { statusCode: 200, body };
  });
}

/** The frame of a route of one command: its fields are JSON, whatever form its client writes. */
export function frameOf(command: Command, { body = '', form = 'json' }: Event): Frame {
  try {
    return { form, command, input: parseObject(body) };
  } catch (problem) {
    return { form, command, input: {}, problem: problem as ChatError };
  }
}

/**
 * Runs a frame's command. The one place that turns errors into replies, and logs.
 * @returns the reply as a frame; undefined if the command has posted it
 */
export async function answer(
  frame: Frame,
  runOf: (command: Command) => Run<Command>,
  { requestContext }: Event,
  { awsRequestId, getRemainingTimeInMillis }: Context,
): Promise<string | undefined> {
  begins(getRemainingTimeInMillis());
  const { command, form, input } = frame;
  const done = (level: Level, outcome: 'ok' | ChatError['code'], error?: unknown) => {
    log(level, command?.type ?? 'no command', {
      outcome,
      form,
      ms: elapsed(),
      ...(error !== undefined && { error: describe(error) }),
    });
    count('Requests');
    if (outcome !== 'ok') count(`Failures.${outcome}`);
    // As its client has it: what an instance took to start is in it.
    took('Latency', Date.now() - current().began);
  };
  try {
    const { known, request } = understood(frame, requestContext.connectionId);
    const caller = callerOf(requestContext, form);
    const reply = await runOf(known)(request as never, caller, requestId(input));
    done('info', 'ok');
    return reply ? writeReply(known, form, reply, requestId(input), request) : undefined;
  } catch (error) {
    const refusal = toChatError(error, awsRequestId);
    const failed = refusal.code === 'internal_error';
    // What DynamoDB refused is for us to see, too.
    if (error instanceof ChatError) done('info', refusal.code);
    else done(refusal.code === 'busy' ? 'warn' : 'error', refusal.code, error);
    return writeFail(command, form, refusal, requestId(input) ?? (failed ? awsRequestId : undefined));
  }
}

/**
 * The command that a frame is, and its checked fields.
 * @throws ChatError what is wrong with it; `rate_limited` if too much was wrong on this connection lately
 */
function understood({ command, input, problem }: Frame, connectionId: string) {
  try {
    if (problem || !command) throw problem;
    return { known: command, request: checkFields(command, input) };
  } catch (error) {
    refuseFlood(connectionId);
    throw error;
  }
}

function toChatError(error: unknown, awsRequestId: string): ChatError {
  if (error instanceof ChatError) return error;
  if (error instanceof Unavailable) {
    return new ChatError('busy', 'The service is busy, and nothing was stored. Try again.');
  }
  if (error instanceof OutcomeUnknown) {
    return new ChatError(
      'outcome_unknown',
      'It is not known whether this took effect. Send it again, with the same "client_message_id" if it had one.',
    );
  }
  return new ChatError('internal_error', `Something failed on our side. Quote ${awsRequestId}.`);
}
