import { emptyView, type View } from '../view/view.ts';
import { type Editor, emptyEditor } from './editor.ts';

/** The scroll position, if not at the end: the last visible line, as a line of a message. */
export interface Anchor {
  key: string;
  line: number;
}

/** A question, and the answer as far as it is typed, which is hidden. */
export interface Question {
  text: string;
  editor: Editor;
}

/** The state of the screen. */
export interface ScreenView extends View {
  /** The answer to a command, until the next line is typed. */
  readonly notice: readonly string[];
  /** The first line of the notice that is visible; more of it is below. */
  readonly noticeTop: number;
  readonly anchor?: Anchor;
  readonly editor: Editor;
  /** What the user is asked, in place of the line being edited. */
  readonly question?: Question;
  /** The seq in the open chat behind which news began when it was opened, or when the user came back. */
  readonly newsAfter?: number;
  /** How many messages above what is on the screen were passed over, in the open chat. */
  readonly above: number;
  /** Whether messages have their numbers beside them. */
  readonly hasNumbers: boolean;
}

export const emptyScreen = (me: string, now: number): ScreenView => ({
  ...emptyView(me, now),
  notice: [],
  noticeTop: 0,
  above: 0,
  hasNumbers: false,
  editor: emptyEditor,
});
