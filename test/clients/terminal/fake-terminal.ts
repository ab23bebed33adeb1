import { PassThrough, Writable } from 'node:stream';
import type { Input } from '../../../clients/terminal/keys.ts';
import type { Output } from '../../../clients/terminal/screen.ts';

/** What a terminal of this size is written, without a terminal. */
export class FakeOutput extends Writable {
  readonly isTTY = true;
  columns = 80;
  rows = 24;
  /** Everything, as it came. */
  readonly written: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(String(chunk));
    done();
  }

  /** The lines of the last frame. */
  get frame(): string[] {
    const frame = this.written.findLast((text) => text.includes('\n')) ?? '';
    return frame.split('\n').map((line) => line.trimEnd());
  }

  resize(columns: number, rows: number): void {
    Object.assign(this, { columns, rows });
    this.emit('resize');
  }

  get asOutput(): Output {
    return this as unknown as Output;
  }
}

/** A keyboard. */
export class FakeInput extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }

  get asInput(): Input {
    return this as unknown as Input;
  }
}
