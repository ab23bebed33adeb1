import type { Context } from 'aws-lambda';
import type { Gateway } from '../../chat/ports.ts';
import { readUnknown } from '../../protocol/index.ts';
import type { Event } from './event.ts';
import { postingHandler } from './post-replies.ts';

/**
 * The handler of `$connect` or `$disconnect`. AWS does not document whether a client can reach these routes by a frame of
 * that type (with serverless-offline it can). Such a frame is answered like one of an unknown type, and changes nothing.
 */
export function lifeCycle<E extends { requestContext: { eventType?: string } }, R>(
  gateway: Gateway,
  handle: (event: E, context: Context) => Promise<R>,
) {
  const answerFrame = postingHandler(
    'unknown type',
    gateway,
    (event) => readUnknown(event.body ?? ''),
    // No command has such a type, so there is nothing to run.
    () => () => Promise.reject(new Error('A type of the gateway is a command')),
  );
  return (event: E, context: Context) =>
    event.requestContext.eventType === 'MESSAGE'
      ? answerFrame(event as unknown as Event, context)
      : handle(event, context);
}
