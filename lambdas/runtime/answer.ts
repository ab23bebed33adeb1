import type { Context } from 'aws-lambda';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import type { Caller } from '../../chat/model.ts';
import {
  ChatError,
  type Command,
  checkFields,
  type Frame,
  type OperatorCommand,
  parseObject,
  type ReplyOf,
  type RequestOf,
  requestId,
  type Users,
  writeFail,
  writeReply,
} from '../../protocol/index.ts';
import { users } from './config.ts';
import { type BackendEvent, callerOf, type Event } from './event.ts';
import { currentInvocation, elapsed } from './invocation.ts';
import { describe, type Level, log } from './log.ts';
import { malformedLimiter } from './malformed-limiter.ts';
import { count, recordDuration } from './metrics.ts';

/** Any command: a client's or the operator's. */
export type AnyCommand = Command | OperatorCommand;

/** A use case with its ports. One that posts its own reply returns nothing. */
export type Run<C extends AnyCommand> = (
  request: RequestOf<C>,
  caller: Caller,
  requestId?: string,
  // biome-ignore lint/suspicious/noConfusingVoidType: a use case that posts its reply has none to return.
) => Promise<ReplyOf<C> | void>;

/** Parses the frame of a command's own route, whose fields are JSON. */
export function frameOf<C extends AnyCommand>(
  command: C,
  { body = '', form = 'json' }: Event | BackendEvent,
): Frame<C> {
  try {
    return { form, command, input: parseObject(body) };
  } catch (problem) {
    return { form, command, input: {}, problem: problem as ChatError };
  }
}

/** @returns the reply as a frame; undefined if the command has posted it */
export type Answer = (
  frame: Frame<AnyCommand>,
  run: Run<AnyCommand>,
  event: Event | BackendEvent,
  context: Context,
) => Promise<string | undefined>;

/** Runs a frame's command. The one place that turns errors into replies, and logs. */
export function answering(): Answer {
  const limitMalformed = malformedLimiter();
  const idsOf = users();
  return async (frame, run, event, { awsRequestId }) => {
    const { command, form, input } = frame;
    const done = (level: Level, outcome: 'ok' | ChatError['code'], fields: object = {}) => {
      log(level, command?.type ?? 'no command', {
        outcome,
        form,
        ms: elapsed(),
        ...fields,
      });
      count('Requests');
      if (outcome !== 'ok') count(`Failures.${outcome}`);
      // Latency as the client sees it, cold start included.
      recordDuration('Latency', Date.now() - currentInvocation().requestedAt);
    };
    try {
      const { known, request } = parseRequest(frame, idsOf, () => {
        if (event.requestContext) limitMalformed(event.requestContext.connectionId);
      });
      const reply = await run(request as never, callerOf(event, form), requestId(input));
      done('info', 'ok');
      return reply ? writeReply(known, form, reply, requestId(input), request) : undefined;
    } catch (error) {
      const refusal = toChatError(error, awsRequestId);
      const failed = refusal.code === 'internal_error';
      // Log what DynamoDB refused as well.
      if (error instanceof ChatError) done('info', refusal.code, loggedOf(error));
      else done(refusal.code === 'busy' ? 'warn' : 'error', refusal.code, { error: describe(error) });
      return writeFail(command, form, refusal, requestId(input) ?? (failed ? awsRequestId : undefined));
    }
  };
}

const OF_TOKENS: readonly ChatError['code'][] = ['invalid_token', 'token_expired', 'session_expired'];

/** Why a token was refused, for whoever sets up the provider. Other reasons may repeat what somebody wrote. */
const loggedOf = ({ code, message }: ChatError): object =>
  OF_TOKENS.includes(code) ? { reason: message } : {};

/**
 * Parses a frame into its command and validated fields.
 * @param idsOf where users come from, which decides what their ids look like
 * @param onMalformed called for a malformed frame; may throw
 * @throws ChatError what is wrong with the frame
 */
function parseRequest({ command, input, problem }: Frame<AnyCommand>, idsOf: Users, onMalformed: () => void) {
  try {
    if (problem || !command) throw problem;
    return { known: command, request: checkFields(command, input, idsOf) };
  } catch (error) {
    onMalformed();
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
