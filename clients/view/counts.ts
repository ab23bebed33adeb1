import type { Row } from './view.ts';

/** How many, at least if there may be more. */
export type Count = Pick<Row, 'unread' | 'moreUnread'>;

/** A count as it is shown, `50+` if there may be more. @param most larger ones are shown as this, with a `+` */
export const countText = ({ unread, moreUnread }: Count, most = 99): string =>
  unread > most ? `${most}+` : `${unread}${moreUnread ? '+' : ''}`;

/** What is unread in all. @param others what counts besides */
export const totalOf = (rows: readonly Count[], others = 0): Count => ({
  unread: rows.reduce((sum, { unread }) => sum + unread, others),
  moreUnread: rows.some(({ moreUnread }) => moreUnread),
});
