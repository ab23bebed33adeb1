import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { Row } from '../../view/view.ts';
import { asSent, fullness, surplus } from './message-length.ts';
import type { Model } from './model.ts';
import { useHeight } from './use-height.ts';
import type { Edited } from './writing.ts';

interface ComposerProps {
  model: Model;
  row: Row;
  /** The message being edited, if any. */
  edited?: Edited;
}

/** From here on, the field says how much of a message its text is. */
const NEAR = 0.9;

const hasMouse = () => matchMedia('(hover: hover)').matches;
// A keyboard on the screen has no Shift+Enter.
const hasTouchKeyboard = () => matchMedia('(pointer: coarse)').matches;

/** A button that is pressed takes the focus from the field, and a phone's keyboard goes away. */
const keepFocus = (event: Event) => event.preventDefault();

/**
 * The message editor. Enter sends, and on a touch keyboard begins a line; Shift+Enter begins a line, Ctrl+Enter and ⌘+Enter
 * send everywhere. Up in the empty field edits the last message, Escape gives the text back that was there before. The text
 * is the store's (writing.ts), so other tabs show it, too.
 */
export function Composer({ model, row, edited }: ComposerProps) {
  const { writing } = model;
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const field = useRef<HTMLTextAreaElement>(null);
  const text = edited?.text ?? writing.draft(row);
  const target = edited?.target;
  useHeight(field, text);
  // Before the next key is pressed, so that no letter goes elsewhere.
  useLayoutEffect(() => {
    const { current } = field;
    if (!current || !(hasMouse() || target !== undefined)) return;
    current.focus();
    current.setSelectionRange(current.value.length, current.value.length);
  }, [target]);
  const title = model.titleOf(row);
  const full = fullness(text);
  const canSend = text.trim() !== '' && full <= 1;

  function type(typed: string) {
    if (target === undefined) writing.keep(row, typed);
    else writing.edit(row, { target, text: typed });
    draw(undefined);
  }

  function submit() {
    if (!canSend) return;
    if (target === undefined) {
      model.send(row, asSent(text));
      // Only now: if the page dies in between, it has the text twice and not never.
      type('');
    } else writing.save(row, { target, text: asSent(text) });
    if (hasMouse()) field.current?.focus();
  }

  const cancel = () => writing.edit(row, undefined);

  function onKeyDown(event: KeyboardEvent) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    // An input method has the keys. Safari sends the Enter that ends a composition after it, with this code.
    if (event.isComposing || event.keyCode === 229) return;
    const isEnter = key === 'Enter' && !altKey;
    const sends = ctrlKey || metaKey || !(shiftKey || hasTouchKeyboard());
    const isUp = key === 'ArrowUp' && !(shiftKey || ctrlKey || metaKey || altKey);
    if (isEnter && sends) submit();
    else if (isUp && text === '' && target === undefined) writing.editLast(row);
    else if (key === 'Escape' && target !== undefined) cancel();
    else return;
    event.preventDefault();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {edited && (
        <p class="editing">
          Changing a message
          <button type="button" class="quiet small" onMouseDown={keepFocus} onClick={cancel}>
            Cancel
          </button>
        </p>
      )}
      <textarea
        ref={field}
        rows={1}
        value={text}
        dir="auto"
        aria-label={`Message to ${title}`}
        placeholder="Message"
        onInput={(event) => {
          type(event.currentTarget.value);
          model.types(row);
        }}
        onKeyDown={onKeyDown}
      />
      <button type="submit" class="primary" onMouseDown={keepFocus} disabled={!canSend}>
        {edited ? 'Save' : 'Send'}
      </button>
      {full > NEAR && (
        <p class="length" role={full > 1 ? 'alert' : undefined}>
          {full > 1
            ? `Too long by about ${surplus(text).toLocaleString()} characters. Shorten it, or send it in parts.`
            : `${Math.floor(full * 100)} % of the longest message`}
        </p>
      )}
    </form>
  );
}
