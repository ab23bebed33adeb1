import type { Context } from 'aws-lambda';
import { readFrame } from '../protocol/index.ts';
import type { Event } from './event.ts';
import { posted } from './posted.ts';

// Such a frame names no command, so there is nothing to run.
const answerFrame = posted(
  'unknown type',
  (event) => readFrame(event.body ?? ''),
  () => () => Promise.reject(new Error('A type of the gateway is a command')),
);

/**
 * The handler of a route by which API Gateway tells that a connection begins or ends. AWS does not say whether a client
 * can reach it by a frame whose type is `$connect` or `$disconnect` (serverless-offline lets it): such a frame is
 * answered as any other of an unknown type, and changes nothing.
 */
export const lifeCycle =
  <E extends { requestContext: { eventType?: string } }, R>(
    handle: (event: E, context: Context) => Promise<R>,
  ) =>
  (event: E, context: Context) =>
    event.requestContext.eventType === 'MESSAGE'
      ? answerFrame(event as unknown as Event, context)
      : handle(event, context);
