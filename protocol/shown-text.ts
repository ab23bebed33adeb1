// What a name or title may look like, as it stands beside others on a screen. Clients bundle it, so it imports nothing.

/** Controls could drive a terminal or forge a line, bidirectional ones could make a name read as another. */
const UNSHOWN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

// Some letters and symbols are blank: Hangul fillers and the empty Braille cell.
const VISIBLE = /(?!\p{Default_Ignorable_Code_Point}|\u2800)[\p{L}\p{N}\p{P}\p{S}]/u;

/** Clients write `#` before the name of a group: this is what looks like it, with whatever nobody sees before it. */
const GROUP_SIGN =
  /^[\s\u2800\p{Default_Ignorable_Code_Point}]*[#\uFE5F\uFF03][\s\u2800\p{Default_Ignorable_Code_Point}]*/u;

/** Whether a text has control characters, line breaks, characters that set its direction or halves of characters. */
export const hasUnshown = (text: string): boolean => text.search(UNSHOWN) >= 0;

/** Whether there is anything to see. */
export const isVisible = (text: string): boolean => VISIBLE.test(text);

/** Whether a name reads like that of a group. */
export const isLikeGroup = (text: string): boolean => GROUP_SIGN.test(text);

/** The name without what a name may not have. @param instead stands for each run of what is not shown */
export function asName(text: string, instead: string): string {
  let name = text.replace(UNSHOWN, instead);
  while (isLikeGroup(name)) name = name.replace(GROUP_SIGN, '');
  return isVisible(text.replace(UNSHOWN, '')) ? name : '';
}
