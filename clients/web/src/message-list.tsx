import { defaultRangeExtractor, type Range } from '@tanstack/virtual-core';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../../sdk/chat.ts';
import { countText } from '../../view/counts.ts';
import { indexAfter } from '../../view/log.ts';
import { News } from '../../view/news.ts';
import { isSameSender } from '../../view/sender.ts';
import type { Row } from '../../view/view.ts';
import { Announcer } from './announcer.tsx';
import { dayOf } from './format.ts';
import { inView, isAtEnd, isWithin } from './in-view.ts';
import { Above, BackButton, JumpButton } from './jump-button.tsx';
import { guessOf, idOf, indexOf, keyOf, type Lines, roomIn } from './lines.ts';
import { isAway } from './looked-at.ts';
import { MessageLine, SendingLine } from './message.tsx';
import type { Model } from './model.ts';
import { useVirtual } from './use-virtual.ts';

interface MessageListProps {
  model: Model;
  row: Row;
  onEdit(entry: Message): void;
}

// Above the first of the news, so that one sees what they follow. Pixels, as all below.
const CONTEXT = 96;
// Where "Earlier messages …" stands.
const TOP = 44;
const BOTTOM = 12;
// Earlier and later messages are loaded this long before they are in view.
const AHEAD = 900;
/** Messages per request, where it is known that more will be needed. */
const LARGE_PAGE = 100;
// Entries before the first of the news that are loaded with them, if the news begin further up than one page.
const BEFORE = 15;
const NONE: readonly never[] = [];
// The largest number of messages that a button says.
const MOST = 9_999;

// A feed has articles: without any, it is none.
const NO_FEED = { role: 'region' } as const;

/**
 * The messages, oldest first. It opens where the news begin, loads earlier messages at the top, and follows new ones at the
 * end, though never past one that was not seen. Where the news begin further up than one page, it shows those, and loads
 * later ones at the bottom until it comes to the newest.
 */
export function MessageList({ model, row, onEdit }: MessageListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [, setTick] = useState(0);
  const draw = () => setTick((tick) => tick + 1);
  const { username } = model.chat;
  const log = model.logOf(row);
  const { messages } = log;
  // They follow the newest message.
  const sendings = log.ahead ? NONE : model.sendingsIn(row);
  const count = messages.length + sendings.length;
  const [news] = useState(() => new News(username, row, model.seenOf(row)));
  const [hasOpened, setHasOpened] = useState(false);
  // The long messages that are shown whole, by key: also of what is out of sight, or edited.
  const [opened] = useState(() => new Set<string>());
  // The message that has, or last had, the focus: its seq, or the id of one that is not stored.
  const [active, setActive] = useState<number | string>();
  const drawn = useRef<Drawn>({ count: 0, last: 0, sendings: 0, height: 0, isAtEnd: true }).current;

  const [room, setRoom] = useState(() => roomIn(innerWidth, innerHeight));
  const shown: Lines = { messages, sendings, me: username, room };
  const lines = useRef(shown);
  lines.current = shown;
  const edited = model.writing.edited(row)?.target;
  const activeIndex = indexOf(lines.current, active);
  const list = useVirtual({
    count,
    getScrollElement: () => box.current,
    getItemKey: useRef((index: number) => keyOf(lines.current, index)).current,
    estimateSize: useRef((index: number) => guessOf(lines.current, index)).current,
    anchorTo: 'end',
    overscan: 8,
    paddingStart: TOP,
    paddingEnd: log.ahead ? TOP : BOTTOM,
    scrollPaddingStart: CONTEXT,
    // A message that is opened at the end grows downwards: its reader goes on reading.
    scrollEndThreshold: drawn.opens ? -1 : 1,
    // What has the focus stays, wherever one scrolls to.
    rangeExtractor: (range) => withIndex(range, activeIndex),
  });
  const items = list.getVirtualItems();

  /** Scrolls to a message, or to the end, and has what is there drawn before the page is painted. */
  function go(index?: number, align: 'start' | 'auto' = 'start') {
    if (index === undefined) list.scrollToEnd();
    else list.scrollToIndex(index, { align });
    box.current?.dispatchEvent(new Event('scroll'));
  }

  /** Goes to the end, and stays there while what is new there is measured, and the editor becomes smaller. */
  function goToEnd() {
    drawn.goesToEnd = true;
    go();
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        drawn.goesToEnd = false;
      }),
    );
  }

  /** Whether what comes now was missed, though somebody may look: the news begin there. */
  const isMissed = () => isAway() || model.isCatchingUp;

  /** Notes what is in view, and asks for what has to be above and below it. */
  function look() {
    const element = box.current;
    if (!element) return;
    askForEarlier(element);
    askForLater(element);
    if (!hasOpened) return;
    const [oldest, newest] = inView(element);
    const { from } = drawn;
    const back = drawn.returns ? indexOf(lines.current, from?.seq) : -1;
    if (from && back >= 0) {
      drawn.returns = false;
      drawn.from = undefined;
      news.leap();
      focus(back, 'start');
      place(from);
      return;
    }
    // Whoever has scrolled back needs no way there.
    if (!drawn.jumps && !drawn.returns && (oldest ?? Number.POSITIVE_INFINITY) <= (from?.seq ?? 0)) {
      drawn.from = undefined;
      draw();
    }
    news.readElsewhere(row.read);
    if (isAway()) news.leap();
    else if (model.isCatchingUp && newest !== undefined) news.begins(newest, oldest);
    // What is in view until then may have come in place of where the user was: nobody has read it.
    if (drawn.goesBack && news.reachesAbove(log)) {
      drawn.goesBack = false;
      focus(news.goBack(messages), 'start');
      return;
    }
    if (news.look(messages, ...(isMissed() ? [] : [newest, oldest]))) draw();
    // The messages above may all have been seen now.
    news.above(log, row);
    if (newest !== undefined) model.sees(row, news.readUpTo(log), news.seen);
  }

  const latestLook = useRef(look);
  latestLook.current = look;

  function askForEarlier({ scrollTop }: HTMLElement) {
    const { first, isWhole } = log;
    const seeks = !hasOpened || drawn.goesBack === true;
    const isNeeded = seeks ? !isReady : scrollTop < AHEAD;
    if (!isNeeded || isWhole || first === undefined || first === drawn.asked) return;
    Object.assign(drawn, { asked: first, hasFailed: false });
    const { start } = news;
    // Without a connection there is only what is kept, which ends with the newest.
    const isFar = seeks && first - start > LARGE_PAGE && model.state === 'online';
    if (isFar) drawn.seeks = start;
    const page = { after: Math.max(0, start - BEFORE), limit: LARGE_PAGE };
    const loaded = isFar
      ? model.around(row, page, () => drawn.seeks === start)
      : model.older(row.id, seeks ? LARGE_PAGE : undefined);
    void loaded.then((isDone) => {
      // Nothing may be left of what was not seen.
      drawn.hasFailed = !isDone || (isFar && model.logOf(row).first === first);
      if (!drawn.hasFailed) return;
      drawn.goesBack = false;
      draw();
    });
  }

  function askForLater({ scrollHeight, scrollTop, clientHeight }: HTMLElement) {
    const isNeeded = hasOpened && scrollHeight - scrollTop - clientHeight < AHEAD;
    if (!isNeeded || !log.ahead || log.last === drawn.askedLater) return;
    Object.assign(drawn, { askedLater: log.last, hasFailed: false });
    void model.later(row, LARGE_PAGE).then((isDone) => {
      if (!isDone) drawn.hasFailed = true;
    });
  }

  /** Follows what was added at the end, as far as all that was not seen stays in view. */
  function follow(element: HTMLElement) {
    const unseen = news.firstUnseenIn(messages);
    const [start] = (unseen >= 0 && list.getOffsetForIndex(unseen, 'start')) || [];
    const isFar = start !== undefined && start < element.scrollHeight - element.clientHeight;
    go(isFar ? unseen : undefined);
  }

  // Everything back to the first of the news is there, as far as it can be loaded.
  const isReady =
    log.first === undefined
      ? row.lastSeq === 0
      : (drawn.goesBack ? news.reachesAbove(log) : news.reachesBack(log, row.unread)) ||
        drawn.hasFailed === true;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const last = messages.at(-1)?.seq ?? 0;
    // A scroll that goes on would go to what has its index now.
    if (log.first !== drawn.first) list.cancelScroll();
    const isNewSending = sendings.length > drawn.sendings;
    if (hasOpened) {
      if ((log.first ?? 0) > (drawn.first ?? Number.POSITIVE_INFINITY)) {
        // It shows the newest messages now, and no longer those further up.
        drawn.asked = drawn.askedLater = undefined;
        if (isNewSending) settle();
        else news.jump(messages);
        goToEnd();
        if (drawn.jumps) focus(count - 1);
      } else if (isNewSending && !drawn.isCut && count > drawn.count) {
        settle();
        goToEnd();
      } else if (drawn.isAtEnd && !drawn.isCut && (last > drawn.last || sendings.length !== drawn.sendings))
        follow(element);
      // Nothing is painted where nobody looks, but the news begin there.
      if (isMissed() && news.look(messages)) draw();
    } else if (isReady) {
      news.open(messages);
      const first = news.firstIn(messages);
      go(first < 0 ? undefined : first);
      setHasOpened(true);
    }
    Object.assign(drawn, {
      count,
      first: log.first,
      last,
      sendings: sendings.length,
      isAtEnd: drawn.goesToEnd === true || isAtEnd(element),
      isCut: log.ahead !== undefined,
      jumps: false,
    });
    const wanted = element.querySelector<HTMLElement>(`[data-index="${drawn.wantsFocus}"] > article`);
    if (wanted) drawn.wantsFocus = undefined;
    wanted?.focus({ preventScroll: true });
    const frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  });

  // The end of what is in view stays where it is when a keyboard opens, or the editor grows.
  useLayoutEffect(() => {
    const element = box.current as HTMLElement;
    drawn.height = element.clientHeight;
    let width = 0;
    // A keyboard that opens changes the height alone, and cuts no text anew.
    const measure = () => {
      if (element.clientWidth !== width) setRoom(roomIn(element.clientWidth, element.clientHeight));
      width = element.clientWidth;
    };
    measure();
    const watch = new ResizeObserver(() => {
      measure();
      const by = drawn.height - element.clientHeight;
      drawn.height = element.clientHeight;
      if (drawn.isAtEnd) list.scrollToEnd();
      else if (by !== 0) element.scrollTop += by;
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [list, drawn]);

  function onScroll() {
    const wasAtEnd = drawn.isAtEnd;
    drawn.isAtEnd = drawn.goesToEnd === true || isAtEnd(box.current as HTMLElement);
    // Whoever scrolls there again wants it tried again.
    if (drawn.hasFailed) drawn.asked = drawn.askedLater = undefined;
    if (wasAtEnd !== drawn.isAtEnd) draw();
    // Other messages may be drawn by then.
    requestAnimationFrame(() => latestLook.current());
  }

  function focus(index: number, align: 'start' | 'auto' = 'auto') {
    const wanted = Math.max(0, Math.min(count - 1, index));
    setActive(idOf(lines.current, wanted));
    drawn.wantsFocus = wanted;
    go(wanted, align);
  }

  /** Shows all of a long message. */
  function open(key: string) {
    opened.add(key);
    drawn.opens = true;
    // Once it is measured, which is before the next frame but one.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        drawn.opens = false;
        draw();
      }),
    );
  }

  /** A message has become shorter: whoever read its end sees it further on. */
  function keepInView(index: number) {
    requestAnimationFrame(() =>
      box.current?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: 'nearest' }),
    );
  }

  /** Puts a message where it was, once what is above it is measured, which takes a frame. */
  function place({ seq, top }: Place) {
    const move = () => {
      const element = box.current;
      const slot = element?.querySelector(`[data-seq="${seq}"]`);
      if (element && slot) element.scrollTop += topIn(element, slot) - top;
    };
    move();
    requestAnimationFrame(move);
  }

  /** The user has written, and looks at what comes now. */
  function settle() {
    news.settle(messages);
    drawn.from = undefined;
  }

  /** Goes back to where the user was before a jump, which may have to be loaded. */
  function returns() {
    const { seq = 0 } = drawn.from ?? {};
    drawn.returns = true;
    if (indexOf(lines.current, seq) < 0) {
      const page = { after: Math.max(0, seq - BEFORE), limit: LARGE_PAGE };
      void model
        .around(row, page, () => drawn.returns === true)
        .then((isDone) => {
          if (!isDone) drawn.returns = false;
        });
    }
    draw();
  }

  function goBack() {
    Object.assign(drawn, { goesBack: true, hasFailed: false, asked: undefined });
    draw();
  }

  function skip() {
    drawn.goesBack = false;
    drawn.seeks = undefined;
    news.skip(messages);
    // The button goes, and with it the focus.
    const [, newest] = box.current ? inView(box.current) : [];
    focus(newest === undefined ? count - 1 : indexOf(lines.current, newest));
  }

  function jump() {
    const element = box.current as HTMLElement;
    const isFar = element.scrollHeight - element.scrollTop - element.clientHeight > element.clientHeight;
    const [from] = inView(element);
    const slot = element.querySelector(`[data-seq="${from}"]`);
    if (hasOpened && (isFar || log.ahead) && from !== undefined && slot)
      drawn.from = { seq: from, top: topIn(element, slot) };
    drawn.seeks = undefined;
    if (log.ahead) {
      // Goes on once that is drawn.
      drawn.jumps = true;
      model.newest(row);
      return;
    }
    if (!hasOpened) news.open(messages);
    news.jump(messages);
    go();
    setHasOpened(true);
    // The button goes, and with it the focus.
    focus(count - 1);
  }

  function onKeyDown(event: KeyboardEvent) {
    const slot = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (!slot || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const page = Math.max(1, items.filter(({ index }) => isWithin(box.current, index)).length - 1);
    const at = Number(slot.dataset.index);
    const goals: Record<string, number> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      PageUp: at - page,
      PageDown: at + page,
      Home: 0,
      End: count - 1,
    };
    const goal = goals[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    if (event.key === 'Home') news.leap();
    if (event.key === 'End') jump();
    else focus(goal);
  }

  const above = hasOpened ? news.above(log, row) : 0;
  const firstOfNews = hasOpened && news.reachesNews(log) ? news.firstIn(messages) : -1;
  // Of what is not loaded, only the list of chats counts something.
  const isCounted = hasOpened && !log.ahead;
  const listed = model.unseenOf(row);
  const below = {
    unread: isCounted ? news.unseen : Math.max(news.unseen, listed.unread - above),
    moreUnread: !isCounted && listed.moreUnread,
  };
  const isWhole = log.isWhole || row.lastSeq === 0;
  const joinedAfter = model.joinedAfter(row);
  // Under this message stands that its user joined then; -1 for above them all.
  const joinedAt = joinedAfter === undefined ? undefined : indexAfter(messages, joinedAfter) - 1;
  const canTabTo = items.some(({ index }) => index === activeIndex) ? activeIndex : items.at(-1)?.index;
  return (
    <div class="thread">
      <div
        class={`messages ${hasOpened ? '' : 'is-opening'}`}
        ref={box}
        role="feed"
        aria-label="Messages"
        aria-busy={!hasOpened}
        {...(count === 0 && NO_FEED)}
        tabIndex={-1}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <div class="sizer" style={{ height: `${list.getTotalSize()}px` }}>
          <p class="older">
            {isWhole ? 'This is where it begins.' : 'Earlier messages …'}
            {joinedAt === -1 && isWhole && ' You joined.'}
          </p>
          {items.map(({ key, index, start }) => {
            const message = messages[index];
            const sending = sendings[index - messages.length];
            const previous = messages[index - 1];
            const day = message && dayOf(message.timestamp);
            const isNewDay = day !== undefined && (!previous || dayOf(previous.timestamp) !== day);
            const place = {
              tabIndex: index === canTabTo ? 0 : -1,
              'aria-posinset': index + 1,
              'aria-setsize': isWhole && !log.ahead ? count : -1,
              onFocusIn: () => setActive(idOf(lines.current, index)),
            };
            const opening = {
              room,
              isOpen: opened.has(`${key}`),
              onToggle() {
                if (opened.delete(`${key}`)) keepInView(index);
                else open(`${key}`);
                draw();
              },
            };
            return (
              <div
                key={key}
                data-index={index}
                data-seq={message?.seq}
                ref={list.measureElement}
                class="slot"
                style={{ transform: `translateY(${start}px)` }}
              >
                {isNewDay && <p class="day">{day}</p>}
                {index === firstOfNews && <p class="news">New messages</p>}
                {message && (
                  <MessageLine
                    model={model}
                    row={row}
                    entry={message}
                    follows={!isNewDay && index !== firstOfNews && isSameSender(previous, message)}
                    place={place}
                    opening={opening}
                    isEdited={isOf(edited, message)}
                    onEdit={onEdit}
                  />
                )}
                {sending && (
                  <SendingLine
                    model={model}
                    sending={sending}
                    place={place}
                    opening={opening}
                    isEdited={edited === sending.id}
                  />
                )}
                {index === joinedAt && <p class="day">You joined.</p>}
              </div>
            );
          })}
          {log.ahead && <p class="later">Later messages …</p>}
        </div>
      </div>
      {!hasOpened && row.lastSeq > 0 && <p class="opening">Loading …</p>}
      {above > 0 ? (
        <Above
          count={countText({ unread: above, moreUnread: row.moreUnread && !news.reachesAbove(log) }, MOST)}
          isLoading={drawn.goesBack === true}
          onGo={goBack}
          onSkip={skip}
        />
      ) : (
        drawn.from !== undefined && drawn.isAtEnd && <BackButton onGo={returns} />
      )}
      {(hasOpened ? !drawn.isAtEnd || log.ahead : log.first !== undefined) && (
        <JumpButton unseen={below.unread > 0 ? countText(below, MOST) : ''} onJump={jump} />
      )}
      <Announcer model={model} row={row} />
    </div>
  );
}

/** Whether a message is this one. @param target its seq, or the id of when it was not stored yet */
const isOf = (target: number | string | undefined, { seq, client_message_id }: Message): boolean =>
  target !== undefined && (target === seq || target === client_message_id);

/** Where a message is. */
interface Place {
  seq: number;
  /** Pixels below the upper edge of the list. */
  top: number;
}

const topIn = (box: HTMLElement, slot: Element): number =>
  slot.getBoundingClientRect().top - box.getBoundingClientRect().top;

/** The list as it was drawn last. */
interface Drawn {
  count: number;
  /** Of the first known entry. */
  first?: number;
  /** The seq of the last message. */
  last: number;
  sendings: number;
  height: number;
  isAtEnd: boolean;
  /** Whether there are later messages than it has. */
  isCut?: boolean;
  /** Before this seq, messages were asked for. */
  asked?: number;
  /** And after this one. */
  askedLater?: number;
  /** Whether that failed. */
  hasFailed?: boolean;
  /** A page after this seq was asked for, to be shown in place of the newest. */
  seeks?: number;
  /** Whether a long message is being opened. */
  opens?: boolean;
  /** Whether the user goes to the newest message, which has to be shown in place of others. */
  jumps?: boolean;
  /** Whether the user wants to go to the first message that was not seen, which may have to be loaded. */
  goesBack?: boolean;
  /** Whether the list goes to its end, whatever is measured on the way. */
  goesToEnd?: boolean;
  /** The first message that was in view before the user went to the newest; absent if they need no way back. */
  from?: Place | undefined;
  /** Whether the user goes back there. */
  returns?: boolean;
  /** The index of the message to which the focus goes, once it is drawn. */
  wantsFocus?: number;
}

function withIndex(range: Range, index: number): number[] {
  const indexes = defaultRangeExtractor(range);
  if (index < 0 || index >= range.count || indexes.includes(index)) return indexes;
  return index < (indexes[0] ?? 0) ? [index, ...indexes] : [...indexes, index];
}
