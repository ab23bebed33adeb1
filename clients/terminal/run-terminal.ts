import type { EditableChat, KeyValueStore, StateChange } from '../sdk/chat.ts';
import { ChatPage } from './chat-page.ts';
import { type Input, onKeys } from './keys.ts';
import type { Size } from './layout.ts';
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
  /** Whether news rings the bell. Default: yes. */
  bell?: boolean;
  /** Whether all that was missed has arrived. */
  isCaughtUp?: boolean;
  /** What was typed and not sent, by chat. */
  drafts?: KeyValueStore;
  /** What the client keeps its state in. */
  store?: Pick<KeyValueStore, 'unkept'>;
}

// The maximum frame rate, since many events arrive at once after a reconnect.
const FRAME_MS = 30;
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/** Why the service ended the session: a code, and for a refused token what was said of it. */
export type Ended = Pick<StateChange, 'reason' | 'detail'>;

/** Runs the full-screen client until the user quits or the session ends. @returns why, if the user did not quit */
export function runTerminal(
  chat: EditableChat,
  {
    input,
    output,
    now = () => performance.now(),
    isPlain,
    notice = [],
    bell: hasBell = true,
    ...rest
  }: Terminal,
): Promise<Ended> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const draw = () => {
      timer = undefined;
      page.look();
      screen.draw(page.view);
    };
    const changed = () => {
      timer ??= setTimeout(draw, FRAME_MS);
    };
    const leave = (why: Ended = {}) => {
      for (const end of ends) end();
      resolve(why);
    };
    const quit = () => leave();
    const ring = () => screen.ring();
    const size = (): Size => screen.size;
    const page = new ChatPage({ ...rest, ...{ chat, now, changed, quit, ring, hasBell, size } });
    const screen = new Screen(output, page.view, isPlain);
    page.tell(notice);
    const second = setInterval(() => page.tick(), 1_000);
    output.on('resize', changed);
    for (const signal of SIGNALS) process.on(signal, quit);
    // Show errors on the normal screen.
    process.on('uncaughtExceptionMonitor', screen.close);
    const ends = [
      onKeys(input, (key) => page.key(key)),
      chat.on('state', ({ state, reason, detail }) => state === 'closed' && leave({ reason, detail })),
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
