import { Box, type Instance, render, Text, useCursor } from 'ink';
import { createElement } from 'react';
import { type Frame, layout, type Size, windowTitle } from './layout.ts';
import type { Line } from './line.ts';
import type { ScreenView } from './screen-view.ts';
import { clipped, escaped } from './text.ts';

declare global {
  // React's types declare the DOM's interfaces globally and empty. The page's tests need this one.
  interface Element {
    matches(selector: string): boolean;
  }
}

/** A terminal to draw on. */
export type Output = NodeJS.WriteStream;

// The other screen, pastes that say so, word of the focus; the title on the terminal's stack.
const ENTER = '\u001b[?1049h\u001b[?2004h\u001b[?1004h\u001b[22;0t\u001b[2J\u001b[H';
const LEAVE = '\u001b[23;0t\u001b[?1004l\u001b[?2004l\u001b[?1049l\u001b[?25h';
const BELL = '\u0007';
const titled = (title: string) => `\u001b]0;${title}\u0007`;
// A title has no end that all terminals agree on.
const LONGEST_TITLE = 100;

/** Draws on the terminal's alternate screen, so that the normal one is unchanged at the end. */
export class Screen {
  readonly #output: Output;
  readonly #instance: Instance;
  #isOpen = true;
  #title = '';

  /** @param isPlain whether to print frames as plain lines, for tests */
  constructor(output: Output, view: ScreenView, isPlain = false) {
    this.#output = output;
    output.write(ENTER);
    // Also after an exception or a signal.
    process.once('exit', this.close);
    this.#instance = render(this.#element(view), {
      ...{ stdout: output, exitOnCtrlC: false, patchConsole: false },
      // Ink 6.8's incremental rendering is off by one line if a frame is shorter than the terminal.
      ...{ incrementalRendering: false, debug: isPlain },
    });
  }

  get size(): Size {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  draw(view: ScreenView): void {
    if (!this.#isOpen) return;
    this.#instance.rerender(this.#element(view));
    const title = clipped(escaped(windowTitle(view)), LONGEST_TITLE);
    if (title !== this.#title) this.#output.write(titled(title));
    this.#title = title;
  }

  ring(): void {
    if (this.#isOpen) this.#output.write(BELL);
  }

  close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.close);
    this.#instance.unmount();
    this.#output.write(LEAVE);
  };

  #element(view: ScreenView) {
    return createElement(Lines, layout(view, this.size));
  }
}

function Lines({ lines, cursor }: Frame) {
  useCursor().setCursorPosition(cursor);
  const rows = lines.map((line, index) => createElement(Row, { key: String(index), line }));
  return createElement(Box, { flexDirection: 'column' }, ...rows);
}

function Row({ line }: { line: Line }) {
  const spans = line.map(({ text, dim, ...style }, index) =>
    createElement(Text, { key: String(index), dimColor: dim, ...style }, text),
  );
  return createElement(Text, { wrap: 'truncate' }, ...spans);
}
