/** With at least so many messages in a window, at most an eighth of the posts may be left. */
const [MANY, BAR] = [10, 1 / 8];
// The last message is stored before its second is over.
const NEARLY = 0.95;

const digits = (value: number): string => String(Number(value.toPrecision(3)));

/**
 * Judges how many posts windows leave (`bench:live-room`).
 * @param inWindow the messages that were stored in a window, on average
 * @param share the posts of a delivery
 * @returns a sentence each: what is wrong, and what could not be judged
 */
export function judgePosts(inWindow: number, share: number): { wrong: string[]; notJudged: string[] } {
  const left = `${digits(share)} posts a delivery`;
  if (inWindow < MANY * NEARLY) {
    const why = `with ${digits(inWindow)} messages stored in a window, and the bar of ${BAR} is for ${MANY}`;
    return { wrong: [], notJudged: [`${left}, ${why}`] };
  }
  return { wrong: share <= BAR ? [] : [`${left}, ${BAR} at most`], notJudged: [] };
}
