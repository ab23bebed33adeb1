import { Box, type Instance, render, Text, useCursor } from 'ink';
import { createElement } from 'react';
import { type Frame, layout, type Size } from './layout.ts';
import type { Line } from './line.ts';
import type { ScreenView } from './screen-view.ts';

declare global {
  // React's types declare a page's elements for the whole program, as empty. Whoever tests the page needs this of them.
  interface Element {
    matches(selector: string): boolean;
  }
}

/** A terminal to draw on. */
export type Output = NodeJS.WriteStream;

const ENTER = '\u001b[?1049h\u001b[?2004h\u001b[2J\u001b[H';
const LEAVE = '\u001b[?2004l\u001b[?1049l\u001b[?25h';

/** The second screen of a terminal, so that the first one is as it was when this ends. */
export class Screen {
  readonly #output: Output;
  readonly #instance: Instance;
  #isOpen = true;

  /** @param isPlain every frame as plain lines, one after the other; for tests */
  constructor(output: Output, view: ScreenView, isPlain = false) {
    this.#output = output;
    output.write(ENTER);
    // Also when something is thrown, or a signal comes.
    process.once('exit', this.close);
    this.#instance = render(this.#element(view), {
      ...{ stdout: output, exitOnCtrlC: false, patchConsole: false },
      // Its incremental rendering is off by one line where a frame is lower than the terminal (Ink 6.8).
      ...{ incrementalRendering: false, debug: isPlain },
    });
  }

  get size(): Size {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  draw(view: ScreenView): void {
    if (this.#isOpen) this.#instance.rerender(this.#element(view));
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
