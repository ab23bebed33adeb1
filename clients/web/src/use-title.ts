import { useLayoutEffect } from 'preact/hooks';
import { countText, totalOf } from '../../view/counts.ts';
import type { Model } from './model.ts';

/** The tab's title and picture: the open chat, and how many messages are unread and invitations open in all. */
export function useTitle(model: Model): void {
  const { open } = model;
  const total = totalOf(model.list, model.invitations.list.length);
  const count = total.unread > 0 ? countText(total) : '';
  const title = [open && model.titleOf(open), 'Parley'].filter(Boolean).join(' – ');
  useLayoutEffect(() => {
    show(count ? `(${count}) ${title}` : title, count !== '');
  }, [count, title]);
  useLayoutEffect(() => () => show('Parley', false), []);
}

function show(title: string, isUnread: boolean): void {
  document.title = title;
  const icon = document.querySelector('link[rel=icon]');
  // A file of its own, as the content security policy allows no drawn one.
  icon?.setAttribute('href', isUnread ? './icon-unread.svg' : './icon.svg');
}
