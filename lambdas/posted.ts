import { postPatiently } from '../chat/patient-post.ts';
import type { Command, Frame } from '../protocol/index.ts';
import type { Event } from './event.ts';
import { gateway } from './ports.ts';
import { answer, type Handler, type Run } from './route.ts';
import { watched } from './watched.ts';
import { world } from './world.ts';

/**
 * A route that posts its replies. It has no route response: with one, API Gateway would send an empty frame
 * when nothing is returned (serverless/serverless #6816), and login returns nothing.
 * @param name what the route is called in logs
 */
export function posted(
  name: string,
  frameOf: (event: Event) => Frame,
  runOf: (command: Command) => Run<Command>,
): Handler {
  return watched(name, async (event: Event, context) => {
    const frame = await answer(frameOf(event), runOf, event, context);
    if (frame !== undefined) await postReply(event.requestContext.connectionId, frame);
    return { statusCode: 200 };
  });
}

/** A client whose reply cannot be posted is cut off, so that it stops waiting. One that is gone needs no reply. */
export async function postReply(connectionId: string, frame: string): Promise<void> {
  const posted = await postPatiently({ gateway, world }, connectionId, frame);
  if (posted === 'throttled' || posted === 'failed') await gateway.close(connectionId);
}
