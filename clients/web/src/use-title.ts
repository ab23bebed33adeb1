import { useLayoutEffect } from 'preact/hooks';
import type { Model } from './model.ts';

/** The tab's title and picture: the open chat, and how many messages are unread and invitations open in all. */
export function useTitle(model: Model): void {
  const { open } = model;
  const unread = model.list.reduce((sum, row) => sum + row.unread, model.invitations.list.length);
  const title = [open && model.titleOf(open), 'Parley'].filter(Boolean).join(' – ');
  useLayoutEffect(() => {
    show(unread > 0 ? `(${unread > 99 ? '99+' : unread}) ${title}` : title, unread > 0);
  }, [unread, title]);
  useLayoutEffect(() => () => show('Parley', false), []);
}

function show(title: string, isUnread: boolean): void {
  document.title = title;
  const icon = document.querySelector('link[rel=icon]');
  // A file of its own, as the content security policy allows no drawn one.
  icon?.setAttribute('href', isUnread ? './icon-unread.svg' : './icon.svg');
}
