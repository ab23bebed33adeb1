import type { Gateway } from '../chat/ports.ts';
import { type Frame, readFrame } from '../protocol/index.ts';
import type { Invoke } from './aws/invoke.ts';
import { answering } from './runtime/answer.ts';
import { env } from './runtime/env.ts';
import type { Event } from './runtime/event.ts';
import { withObservability } from './runtime/observability.ts';
import { postReply } from './runtime/post-replies.ts';
import type { Handler } from './runtime/route.ts';

interface Ports {
  gateway: Gateway;
  invoke: Invoke;
}

/**
 * Handles every frame that API Gateway finds no route for: lines of text, other spellings of a type, and mistakes. It
 * invokes the command's own function, which has the rights for it, and posts the reply.
 */
export function onUnmatched({ gateway, invoke }: Ports): Handler {
  const functions: Readonly<Record<string, string>> = JSON.parse(env('FUNCTIONS'));
  const answer = answering();

  /**
   * Runs a frame's command in its function.
   * @returns the reply; undefined if the function has posted it
   * @throws ChatError what is wrong with the frame, and what `Invoke` throws
   */
  async function translate(
    { command, form, input, problem }: Frame,
    { requestContext }: Event,
  ): Promise<{ reply?: string }> {
    if (problem || !command) throw problem;
    const body = JSON.stringify({ ...input, type: command.type });
    const result = await invoke(functions[command.type] ?? '', { requestContext, body, form });
    return { reply: (result as { body?: string }).body };
  }

  return withObservability('$default', async (event: Event, context) => {
    const frame = readFrame(event.body ?? '');
    const translated = await translate(frame, event).catch((error: unknown) => ({ error }));
    const reply =
      'error' in translated
        ? await answer(frame, () => Promise.reject(translated.error), event, context)
        : translated.reply;
    if (reply !== undefined) await postReply(gateway, event.requestContext.connectionId, reply);
    return { statusCode: 200 };
  });
}
