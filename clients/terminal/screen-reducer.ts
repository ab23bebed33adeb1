import { type Action, reduce } from '../view/reducer.ts';
import { openRow } from '../view/view.ts';
import type { Editor } from './editor.ts';
import type { Anchor, Question, ScreenView } from './screen-view.ts';

/** An action on the screen. */
export type ScreenAction =
  | Action
  | { what: 'scrolled'; anchor: Anchor | undefined }
  | { what: 'typed'; editor: Editor }
  | { what: 'noticed'; notice: readonly string[] }
  /** Scrolls the notice. */
  | { what: 'leafed'; top: number }
  | { what: 'asked'; question: Question | undefined }
  | { what: 'numbered'; hasNumbers: boolean }
  /** In the open chat, what follows this seq is new. */
  | { what: 'new'; after: number };

/** Applies an action to the screen. */
export function reduceScreen(view: ScreenView, event: ScreenAction): ScreenView {
  switch (event.what) {
    case 'scrolled':
      return { ...view, anchor: event.anchor };
    case 'typed':
      return { ...view, editor: event.editor };
    case 'noticed':
      return { ...view, notice: event.notice, noticeTop: 0 };
    case 'leafed':
      return { ...view, noticeTop: event.top };
    case 'asked':
      return { ...view, question: event.question };
    case 'numbered':
      return { ...view, hasNumbers: event.hasNumbers };
    case 'shown':
      return shown(reduce(view, event));
    case 'new':
      return { ...view, newsAfter: event.after };
    default:
      return reduce(view, event);
  }
}

/** A chat that was opened, at its end, with a line where news begins. */
function shown(view: ScreenView): ScreenView {
  const row = openRow(view);
  return { ...view, anchor: undefined, above: 0, newsAfter: row && row.unread > 0 ? row.read : undefined };
}
