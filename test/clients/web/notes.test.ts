import { expect, test } from 'vitest';
import { canShow, leftNotes, type Showing, showNote } from '../../../clients/web/src/notes.ts';

const note = { title: 'Bob', body: 'Hello', tag: 'alice:bob' };
const nothing = () => {};

/** What was shown, in its order. */
class Shown {
  readonly title: string;
  readonly tag: string;
  onclick: unknown;
  isClosed = false;

  constructor(title: string, { tag = '' }: { tag?: string } = {}) {
    this.title = title;
    this.tag = tag;
  }

  close(): void {
    this.isClosed = true;
  }
}

/** @param active whether the worker has begun @param isAndroid takes notes from workers alone */
function browser({ active = false, isAndroid = false, hasWorker = true }) {
  const [byWorker, byPage]: [Shown[], Shown[]] = [[], []];
  const worker: Showing['worker'] = {
    active: active || null,
    showNotification: async (title, options) => void byWorker.push(new Shown(title, options)),
    getNotifications: async (filter) => byWorker.filter(({ tag }) => !filter || tag === filter.tag),
  };
  const Notification = class extends Shown {
    constructor(title: string, options?: { tag?: string }) {
      if (isAndroid) throw new TypeError('Illegal constructor.');
      super(title, options);
      byPage.push(this);
    }
  };
  return { byWorker, byPage, showing: { Notification, ...(hasWorker && { worker }) } };
}

test('notes are shown by the worker where there is one, which Android wants', async () => {
  const { showing, byWorker } = browser({ active: true, isAndroid: true });
  const close = await showNote(note, nothing, showing);
  await showNote({ ...note, tag: '#team' }, nothing, showing);
  close?.();
  await expect.poll(() => byWorker.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  expect(canShow(showing)).toBe(true);
});

test('notes are shown by the page where the worker has not begun yet', async () => {
  const { showing, byPage } = browser({});
  let clicks = 0;
  const close = await showNote(note, () => clicks++, showing);
  for (const { onclick } of byPage) (onclick as () => void)();
  expect([byPage.map(({ title, isClosed }) => [title, isClosed]), clicks]).toEqual([[['Bob', true]], 1]);
  expect([typeof close, canShow(showing)]).toEqual(['function', true]);
});

test('on Android without a worker there are none, and nobody is asked', async () => {
  const { showing } = browser({ isAndroid: true, hasWorker: false });
  expect([await showNote(note, nothing, showing), canShow(showing)]).toEqual([undefined, false]);
});

test('notes of the worker are found again after a reload', async () => {
  const { showing, byWorker } = browser({ active: true });
  await showNote(note, nothing, showing);
  for (const [tag, close] of await leftNotes(showing.worker)) if (tag === note.tag) close();
  expect(byWorker.map(({ isClosed }) => isClosed)).toEqual([true]);
  expect(await leftNotes(undefined)).toEqual([]);
});
