import type { Context } from 'aws-lambda';
import { postPatiently } from '../../chat/delivery/patient-post.ts';
import type { Gateway } from '../../chat/ports.ts';
import type { Command, Frame } from '../../protocol/index.ts';
import { answering, type Run } from './answer.ts';
import type { Event } from './event.ts';
import { lambdaRuntime } from './lambda-runtime.ts';
import { withObservability } from './observability.ts';
import type { Handler } from './route.ts';

/**
 * A handler that posts its replies. Its route has no route response: with one, API Gateway would send an empty frame
 * when nothing is returned (serverless/serverless #6816), and login returns nothing.
 * @param name what the route is called in logs
 */
export function postingHandler(
  name: string,
  gateway: Gateway,
  frameOf: (event: Event) => Frame,
  runFor: (event: Event) => Run<Command>,
): Handler {
  const answer = answering();
  return withObservability(name, async (event: Event, context: Context) => {
    const frame = await answer(frameOf(event), runFor(event), event, context);
    if (frame !== undefined) await postReply(gateway, event.requestContext.connectionId, frame);
    return { statusCode: 200 };
  });
}

/** Posts a reply. If that fails, closes the connection so that the client stops waiting; a dead one needs nothing. */
export async function postReply(gateway: Gateway, connectionId: string, frame: string): Promise<void> {
  const posted = await postPatiently({ gateway, runtime: lambdaRuntime }, connectionId, frame);
  if (posted === 'throttled' || posted === 'failed') await gateway.close(connectionId);
}
