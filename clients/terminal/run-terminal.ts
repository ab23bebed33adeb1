import type { Chat, Code } from '../sdk/chat.ts';
import { ChatPage } from './chat-page.ts';
import { type Input, onKeys } from './keys.ts';
import { type Output, Screen } from './screen.ts';

/** What it needs of the process. */
export interface Terminal {
  input: Input;
  output: Output;
  /** Milliseconds of a clock that is never set. */
  now?(): number;
  /** Frames as plain lines; for tests. */
  isPlain?: boolean;
  /** What to say first. */
  notice?: readonly string[];
}

// Many things happen at once when one comes back; nobody sees more frames than this.
const FRAME_MS = 30;
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/** A chat on a whole terminal, until whoever sits there quits or the session ends. @returns why it ended, if the service says so */
export function runTerminal(
  chat: Chat,
  { input, output, now = () => performance.now(), isPlain, notice = [] }: Terminal,
): Promise<Code | undefined> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const draw = () => {
      timer = undefined;
      screen.draw(page.view);
    };
    const changed = () => {
      timer ??= setTimeout(draw, FRAME_MS);
    };
    const leave = (reason?: Code) => {
      for (const end of ends) end();
      resolve(reason);
    };
    const quit = () => leave();
    const page = new ChatPage({ chat, now, changed, quit, size: () => screen.size });
    const screen = new Screen(output, page.view, isPlain);
    page.tell(notice);
    const second = setInterval(() => page.tick(), 1_000);
    output.on('resize', changed);
    for (const signal of SIGNALS) process.on(signal, quit);
    // What goes wrong is to be read on the first screen.
    process.on('uncaughtExceptionMonitor', screen.close);
    const ends = [
      onKeys(input, (key) => page.key(key)),
      chat.on('state', ({ state, reason }) => state === 'closed' && leave(reason)),
      () => page.close(),
      () => clearInterval(second),
      () => clearTimeout(timer),
      () => output.off('resize', changed),
      () => SIGNALS.map((signal) => process.off(signal, quit)),
      () => process.off('uncaughtExceptionMonitor', screen.close),
      screen.close,
    ];
  });
}
