import { emptyView, type View } from '../view/view.ts';
import { type Editor, emptyEditor } from './editor.ts';

/** The scroll position, if not at the end: the last visible line, as a line of a message. */
export interface Anchor {
  key: string;
  line: number;
}

/** The state of the screen. */
export interface ScreenView extends View {
  /** The answer to a command, until the next line is typed. */
  readonly notice: readonly string[];
  readonly anchor?: Anchor;
  readonly editor: Editor;
}

export const emptyScreen = (me: string, now: number): ScreenView => ({
  ...emptyView(me, now),
  notice: [],
  editor: emptyEditor,
});
