import { expect, onTestFinished, test, vi } from 'vitest';
import { Scroller, type Viewport } from '../../../clients/react/scroller.ts';
import type { ChatMessage, Messages } from '../../../clients/react/types.ts';
import { RequestError } from '../../../clients/sdk/errors.ts';

/** Pixels: of a message, and of the list. */
const [ROW, HEIGHT] = [10, 100];

/** A list of this many messages with the newest at its end, of which somebody else's begin after `own`, read up to 100. */
function aList({ newest, own = 0 }: { newest: number; own?: number }) {
  const document = { visibilityState: 'visible', hasFocus: () => true, addEventListener() {} };
  vi.stubGlobal('document', document);
  onTestFinished(() => void vi.unstubAllGlobals());
  let seqs: number[] = [];
  let scrolled = () => {};
  let scrollTop = 0;
  const element = {
    // As a browser has it.
    get scrollTop() {
      return scrollTop;
    },
    set scrollTop(top: number) {
      scrollTop = Math.max(0, Math.min(top, element.scrollHeight - HEIGHT));
    },
    clientHeight: HEIGHT,
    get scrollHeight() {
      return seqs.length * ROW;
    },
    style: {},
    children: [],
    getBoundingClientRect: () => ({ top: 0, bottom: HEIGHT }),
    querySelectorAll(selector: string) {
      const only = /"(\d+)"/.exec(selector)?.[1];
      const rows = seqs.map((seq) => ({
        get isConnected() {
          return seqs.includes(seq);
        },
        getBoundingClientRect() {
          const top = seqs.indexOf(seq) * ROW - scrollTop;
          return { top, bottom: top + ROW };
        },
        getAttribute: () => `${seq}`,
      }));
      return only === undefined ? rows : rows.filter((_, index) => seqs[index] === Number(only));
    },
    addEventListener: (_event: string, listener: () => void) => {
      scrolled = listener;
    },
    removeEventListener() {},
  };
  let read = 100;
  const markRead = vi.fn((message?: ChatMessage) => {
    read = Math.max(read, message?.seq ?? 0);
  });
  const loadOlder = vi.fn(async () => {});
  const scroller = new Scroller(
    () => {},
    () => {},
  );
  scroller.attach(element as unknown as Viewport);
  return {
    loadOlder,
    get read() {
      return read;
    },
    get first() {
      return seqs[Math.ceil(scrollTop / ROW)];
    },
    /** Shows all from this seq on, up to the newest or another one. */
    show(first: number, error?: RequestError, last = newest) {
      seqs = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const messages = seqs.map((seq) => ({ id: `#${seq}`, seq, isOwn: seq <= own, isDeleted: false }));
      const rest = {
        isLoading: false,
        isLoadingOlder: false,
        hasOlder: first > 1,
        error,
        loadOlder,
        markRead,
      };
      scroller.show({ messages, readUpTo: () => read, ...rest } as unknown as Messages);
    },
    /** The user goes to the newest message. */
    toEnd() {
      scroller.toEnd();
    },
    /** Scrolls to a message. */
    scrollTo(seq: number) {
      element.scrollTop = seqs.indexOf(seq) * ROW;
      scrolled();
    },
  };
}

test('a chat whose oldest loaded message is one’s own opens where its user left off', () => {
  const list = aList({ newest: 500, own: 460 });
  list.show(451);
  expect([list.loadOlder.mock.calls.length, list.read]).toEqual([1, 100]);
  // One's own are not where they left off.
  const begun = aList({ newest: 150, own: 105 });
  begun.show(101);
  expect([begun.first, begun.read]).toEqual([106, 115]);
});

test('messages that could not be loaded are not read', () => {
  const list = aList({ newest: 500 });
  list.show(451, new RequestError('busy', 'Later.'));
  expect(list.first).toBe(451);
  for (let seq = 451; seq <= 491; seq += 5) list.scrollTo(seq);
  expect(list.read).toBe(100);
  // Once they are, it goes on with them.
  list.show(99);
  list.scrollTo(101);
  expect(list.read).toBe(110);
});

test('what is passed over on the way to the end is not read until it was seen', () => {
  const list = aList({ newest: 500 });
  list.show(90);
  expect([list.first, list.read]).toEqual([101, 110]);
  list.toEnd();
  expect([list.first, list.read]).toEqual([491, 110]);
  // What comes there is in view, and behind what was passed over.
  list.show(90, undefined, 501);
  expect([list.first, list.read]).toEqual([492, 110]);
  // Whoever scrolls back there sees what goes by, and is done with it at the next look at the end.
  for (let seq = 480; seq >= 120; seq -= 10) list.scrollTo(seq);
  expect(list.read).toBe(110);
  list.scrollTo(101);
  list.toEnd();
  expect(list.read).toBe(501);
});
