import type { Chat, Code } from '../sdk/chat.ts';
import { ChatPage } from './chat-page.ts';
import { type Input, onKeys } from './keys.ts';
import { type Output, Screen } from './screen.ts';

/** The terminal, and options for tests. */
export interface Terminal {
  input: Input;
  output: Output;
  /** A monotonic clock, in milliseconds. */
  now?(): number;
  /** Whether to print frames as plain lines, for tests. */
  isPlain?: boolean;
  /** The first notice. */
  notice?: readonly string[];
}

// The maximum frame rate, since many events arrive at once after a reconnect.
const FRAME_MS = 30;
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/** Runs the full-screen client until the user quits or the session ends. @returns the reason, if the service ended it */
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
    // Show errors on the normal screen.
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
