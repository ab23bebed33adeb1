import { type Frame, readFrame } from '../protocol/index.ts';
import { invokeIn } from './aws/invoke.ts';
import { env } from './env.ts';
import type { Event } from './event.ts';
import { postReply } from './posted.ts';
import { answer, type Handler } from './route.ts';
import { watched } from './watched.ts';

const functions: Readonly<Record<string, string>> = JSON.parse(env('FUNCTIONS'));
const invoke = invokeIn(env('AWS_REGION'));

/**
 * Everything that API Gateway finds no route for: lines of text, other spellings of a type, and mistakes. It translates: each
 * command runs in its own function, with its own rights, and what that replies is posted from here.
 */
export const handler: Handler = watched('$default', async (event: Event, context) => {
  const frame = readFrame(event.body ?? '');
  const translated = await translate(frame, event).catch((error: unknown) => ({ error }));
  const reply =
    'error' in translated
      ? await answer(frame, () => () => Promise.reject(translated.error), event, context)
      : translated.reply;
  if (reply !== undefined) await postReply(event.requestContext.connectionId, reply);
  return { statusCode: 200 };
});

/**
 * Has a frame's command run in its function.
 * @returns the reply; none if the function has posted it
 * @throws ChatError what is wrong with the frame, and what `Invoke` throws
 */
async function translate(
  { command, form, input, problem }: Frame,
  { requestContext }: Event,
): Promise<{ reply?: string }> {
  if (problem || !command) throw problem;
  const body = JSON.stringify({ ...input, type: command.type });
  const result = await invoke(functions[command.lambda] ?? '', { requestContext, body, form });
  return { reply: (result as { body?: string }).body };
}
