import { emptyView, type View } from '../view/view.ts';
import { type Editor, emptyEditor } from './editor.ts';

/** Where the last line of the conversation is, if not at its end: so far into this message. */
export interface Anchor {
  key: string;
  line: number;
}

/** All that is on the screen. */
export interface ScreenView extends View {
  /** What was answered to a command, until the next line is typed. */
  readonly notice: readonly string[];
  readonly anchor?: Anchor;
  readonly editor: Editor;
}

export const emptyScreen = (me: string, now: number): ScreenView => ({
  ...emptyView(me, now),
  notice: [],
  editor: emptyEditor,
});
