import { emitKeypressEvents } from 'node:readline';
import type { Key } from './editor.ts';

/** A terminal to read from. */
export type Input = NodeJS.ReadStream;

/** What a terminal sends when its window gets and loses the focus, if it is asked to (screen.ts). */
const FOCUS: Record<string, string> = { '\u001b[I': 'focus', '\u001b[O': 'blur' };

interface Pressed {
  sequence?: string;
  name?: string;
  ctrl?: boolean;
  meta?: boolean;
  shift?: boolean;
}

/** Reports each key press; a paste is one key. @returns stops, and restores the terminal's line editing */
export function onKeys(input: Input, told: (key: Key) => void): () => void {
  let pasted: string | undefined;
  const pressed = (text: string | undefined, { name, ctrl, meta, shift, sequence = '' }: Pressed) => {
    const focus = FOCUS[sequence];
    if (focus !== undefined) told({ name: focus });
    else if (name === 'paste-start') pasted = '';
    else if (name === 'paste-end') {
      told({ text: pasted ?? '', isPasted: true });
      pasted = undefined;
    } else if (pasted !== undefined) pasted += text ?? '';
    else told({ text, name, ctrl, meta, shift });
  };
  emitKeypressEvents(input);
  input.on('keypress', pressed);
  input.setRawMode?.(true);
  input.resume();
  return () => {
    input.off('keypress', pressed);
    input.setRawMode?.(false);
    input.pause();
  };
}
