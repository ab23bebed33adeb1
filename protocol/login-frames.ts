import type { ReplyOf } from './command.ts';
import { login } from './commands/index.ts';
import { bytesOf, sizeOf } from './frame-size.ts';
import { limits } from './limits.ts';
import type { WireMessage } from './messages.ts';
import type { Form } from './read.ts';
import { writePending, writePush, writeReply } from './write.ts';

/** A frame of a login, and the pending messages that it carries. */
interface LoginFrame {
  frame: string;
  messages: readonly WireMessage[];
}

type Reply = Omit<ReplyOf<typeof login>, 'pending_messages' | 'more'>;
type Messages = AsyncIterable<WireMessage>;

/** The reply to a login, and all pending messages: in it and the frames after it, or, in text, a line for each. */
export const loginFrames = (
  form: Form,
  reply: Reply,
  messages: Messages,
  requestId?: string,
): AsyncGenerator<LoginFrame> => {
  const write = (page: WireMessage[], more = false) =>
    writeReply(login, form, { ...reply, pending_messages: page, more: more || undefined }, requestId);
  return (form === 'text' ? textFrames : jsonFrames)(write, messages);
};

type WriteReply = (page: WireMessage[], more?: boolean) => string;

/** `login_success`, then a `receive` frame for each message. */
async function* textFrames(writeReply: WriteReply, messages: Messages): AsyncGenerator<LoginFrame> {
  yield { frame: writeReply([]), messages: [] };
  for await (const message of messages) yield { frame: writePush(message, 'text'), messages: [message] };
}

/** The reply with as many messages as fit, then further frames with the rest. */
async function* jsonFrames(writeReply: WriteReply, messages: Messages): AsyncGenerator<LoginFrame> {
  let isReply = true;
  let page: WireMessage[] = [];
  const write = (more: boolean) => (isReply ? writeReply(page, more) : writePending(page, more));
  let room = limits.frameBytes - bytesOf(write(true));
  for await (const message of messages) {
    const size = sizeOf(message);
    // A message larger than a page gets a frame of its own, never the reply's.
    if (size > room && (page.length > 0 || isReply)) {
      yield { frame: write(true), messages: page };
      isReply = false;
      page = [];
      room = limits.frameBytes - bytesOf(write(true));
    }
    page.push(message);
    room -= size;
  }
  yield { frame: write(false), messages: page };
}
