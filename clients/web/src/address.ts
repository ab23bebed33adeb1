import { chatInLink, isName, meaningOf } from '../../view/look-for.ts';
import { isolated, isolatedId } from '../../view/words.ts';
import { keepOpen, lastOpen } from './last-chats.ts';
import type { Model } from './model.ts';

// Behind the `#`, which no server sees: any host of static files serves the page for every chat.
const PREFIX = '#/';

/** What the browser keeps with an entry of its history. */
interface Entry {
  /** The chat before it, if the page made the entry; empty for the list. */
  from?: string;
}

/** Whether the page was just called up, not reloaded. A browser may keep the state of an address that is called up again. */
let isVisit = performance
  .getEntriesByType('navigation')
  .some((each) => 'type' in each && each.type === 'navigate');

/** Where the list and the open chat take turns (style.css). */
const isNarrow = () => matchMedia('(width < 700px)').matches;

/** What the address names: a chat, and whom to ask for an invitation to it; empty for none. */
function inAddress(): { id: string; host: string } {
  if (!location.hash.startsWith(PREFIX)) return { id: '', host: '' };
  try {
    const [id = '', host = ''] = location.hash.slice(PREFIX.length).split('/').map(decodeURIComponent);
    return { id, host };
  } catch {
    return { id: '', host: '' };
  }
}

const chatInAddress = (): string => inAddress().id;

const addressOf = (chatId: string): string =>
  chatId === '' ? location.pathname + location.search : PREFIX + encodeURIComponent(chatId);

/**
 * A link to a chat on this page, to be passed on.
 * @param host of a group for invited people alone: whom to ask, so that who follows it learns it without trying to join
 */
export const linkTo = (chatId: string, host = ''): string =>
  new URL(addressOf(chatId) + (host && `/${encodeURIComponent(host)}`), location.href).href;

/** The name of the group to which the address leads; empty if it leads to none. */
export function groupInAddress(): string {
  const [sign, ...name] = chatInAddress();
  return sign === '#' && isName(name.join('')) ? name.join('').toLowerCase() : '';
}

const push = (chatId: string, from: string): void =>
  history.pushState({ from } satisfies Entry, '', addressOf(chatId));

const replace = (chatId: string): void => history.replaceState({} satisfies Entry, '', addressOf(chatId));

/** After a logout, the address names nobody. */
export const forgetAddress = (): void => history.replaceState(null, '', addressOf(''));

/** Keeps the open chat in the address, and opens the chat of the address. @returns stops */
export function followAddress(model: Model): () => void {
  const me = model.chat.username;
  let shown = '';
  /** A chat that the address named and that isn't known. */
  let asked = '';
  // What the page puts into the address names nobody to ask.
  const called = inAddress();
  let isGoing = false;
  /** Whether the page itself goes back to the list. */
  let isLeaving = false;

  /** Opens what the address names. */
  function go(): void {
    const id = chatInAddress();
    const chat = chatInLink(model.chat, id);
    const isOpened = isListed(model, id) || chat?.kind === 'private';
    asked = isListed(model, id) ? '' : id;
    isGoing = true;
    if (id !== (model.open?.id ?? '')) void model.show(isOpened ? chat : undefined);
    isGoing = false;
    settle();
    told();
  }

  /** Opens a group that the address named once the service has listed it, and says what cannot be opened. */
  function settle(): void {
    if (asked === '') return;
    const chat = chatInLink(model.chat, asked);
    const [partner] = model.people.list;
    if (!chat) done('This address leads to no chat of yours.');
    else if (chat.kind === 'private') {
      if (!partner) return;
      const isNobody = partner.unknown && isEmpty(model);
      done();
      if (!isNobody) return;
      model.drop(chat);
      model.say(`There is no user ${isolated(chat.name)}.`);
    } else if (isListed(model, chat.id)) {
      done();
      void model.show(chat);
    } else if (model.isListed) tellNotIn(chat.name);
  }

  function tellNotIn(group: string): void {
    const { host } = [inAddress(), called].find((each) => each.id === asked && each.host !== '') ?? {};
    const { user } = meaningOf(model.chat, host ?? '');
    if (user === undefined) {
      const maybe = 'If it is open to everybody, you can join it.';
      done(`You are not a member of ${isolated(group)}. ${maybe}`, { invitation: group });
    } else {
      const ask = `ask ${isolatedId(user)} to invite you.`;
      done(`${isolated(group)} is invite-only: ${ask}`, { notIn: group, ask: user });
    }
  }

  function done(notice = '', about: { invitation?: string; notIn?: string; ask?: string } = {}): void {
    asked = '';
    if (notice) model.say(notice, about);
  }

  /** @returns whether another chat is open than the last time */
  function told(): boolean {
    const id = model.open?.id ?? '';
    if (id === shown) return false;
    shown = id;
    if (id !== '') keepOpen(model.store, me, id);
    return true;
  }

  /** Puts the open chat into the address. */
  function tell(): void {
    if (isGoing) return;
    const from = shown;
    const isOther = told();
    if (!isOther) settle();
    if (!isOther || shown === chatInAddress()) return;
    asked = '';
    if (shown !== '') push(shown, from);
    else if ((history.state as Entry | null)?.from === '') {
      isLeaving = true;
      history.back();
    } else replace('');
  }

  /** Back first closes a dialog, or what covers a narrow page. */
  function wentBack(): void {
    if (isLeaving) {
      isLeaving = false;
      // What the list has been called up with was said then: it is not what its user wants to know now.
      if (shown === '' && chatInAddress() !== '') {
        replace('');
        return;
      }
    }
    const dialog = document.querySelector<HTMLDialogElement>('dialog[open]');
    const closer = isNarrow() ? document.querySelector<HTMLElement>('[data-back]') : null;
    if (dialog) dialog.close();
    else closer?.click();
    if (!dialog && !closer) go();
    else if (chatInAddress() !== shown) push(shown, chatInAddress());
  }

  const entry = history.state as Entry | null;
  if ((entry === null || isVisit) && entry?.from !== '') {
    const first = chatInAddress() || lastOpened(model);
    const isAbove = isNarrow() && first !== '';
    replace(isAbove ? '' : first);
    // So that Back leads to the list and not away.
    if (isAbove) push(first, '');
  }
  isVisit = false;
  go();
  const stop = model.onChange(tell);
  addEventListener('popstate', wentBack);
  return () => {
    stop();
    removeEventListener('popstate', wentBack);
  };
}

const isListed = (model: Model, chatId: string): boolean => model.list.some(({ id }) => id === chatId);

/** Whether nothing was written in the open chat. */
const isEmpty = (model: Model): boolean =>
  model.open?.lastSeq === 0 && model.sendingsIn(model.open).length === 0;

/** The chat that was open here last, unless it is a group that was left since. */
function lastOpened(model: Model): string {
  const id = lastOpen(model.store, model.chat.username);
  return isListed(model, id) || chatInLink(model.chat, id)?.kind === 'private' ? id : '';
}
