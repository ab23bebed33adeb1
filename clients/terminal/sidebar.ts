import { countText } from '../view/counts.ts';
import { listed, titleOf, type View } from '../view/view.ts';
import { colorOf, type Line, span, spread } from './line.ts';

/** The list of chats, as many as fit, always including the open one. */
export function sidebar(view: View, columns: number, height: number): Line[] {
  const rows = listed(view);
  const open = rows.findIndex(({ id }) => id === view.openId);
  const start = Math.max(0, open - height + 1);
  return rows.slice(start, start + height).map((row) => {
    const isOpen = row.id === view.openId;
    const { unread } = row;
    const name = `${isOpen ? '▸' : ' '}${row.kind === 'group' ? '#' : ''}${titleOf(view, row)}`;
    const style = { color: colorOf(row.name), bold: isOpen || unread > 0 };
    const count = unread === 0 ? '' : ` ${countText(row, 999)}`;
    return spread([span(name, style)], [span(count, { bold: true })], columns);
  });
}
