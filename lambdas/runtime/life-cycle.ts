import type { Context } from 'aws-lambda';
import type { Gateway } from '../../chat/ports.ts';
import { readFrame } from '../../protocol/index.ts';
import type { Event } from './event.ts';
import { postingHandler } from './post-replies.ts';

/**
 * The handler of a route by which API Gateway tells that a connection begins or ends. AWS does not say whether a client
 * can reach it by a frame whose type is `$connect` or `$disconnect` (serverless-offline lets it): such a frame is
 * answered as any other of an unknown type, and changes nothing.
 */
export function lifeCycle<E extends { requestContext: { eventType?: string } }, R>(
  gateway: Gateway,
  handle: (event: E, context: Context) => Promise<R>,
) {
  const answerFrame = postingHandler(
    'unknown type',
    gateway,
    (event) => readFrame(event.body ?? ''),
    // Such a frame names no command, so there is nothing to run.
    () => Promise.reject(new Error('A type of the gateway is a command')),
  );
  return (event: E, context: Context) =>
    event.requestContext.eventType === 'MESSAGE'
      ? answerFrame(event as unknown as Event, context)
      : handle(event, context);
}
