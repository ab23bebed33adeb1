import type { Delivery, Place, Record, Sending, Stored } from './record.ts';

/** A message and all attempts to change it. */
interface Story {
  chat: string;
  place: string;
  message: Sending;
  edits: Sending[];
  deletions: Sending[];
}

/** The place of a message, or for a change that of the changed message. */
export const placeOf = ({
  chat_id,
  seq,
  edits,
  deletes,
}: Place & { edits?: number; deletes?: number }): string => `${chat_id} ${edits ?? deletes ?? seq}`;

/** Whether an entry is a change and not a message. */
export const isChange = ({ edits, deletes }: Pick<Stored, 'edits' | 'deletes'>): boolean =>
  edits !== undefined || deletes !== undefined;

/** Returns the violations on messages that were edited or deleted. */
export function wrongChanges(record: Record): string[] {
  return storiesOf(record).flatMap((story) => [
    ...wrongInHistory(record, story),
    ...changedAfterDeletion(story),
    ...handedOutAfterDeletion(record, story),
    ...wrongViews(record, story),
  ]);
}

function storiesOf({ sendings }: Record): Story[] {
  const stories = new Map<string, Story>();
  for (const message of sendings)
    if (!message.change && message.sent) {
      const [chat, place] = [message.sent.chat_id, placeOf(message.sent)];
      stories.set(place, { chat, place, message, edits: [], deletions: [] });
    }
  for (const sending of sendings) {
    const story = sending.change && stories.get(placeOf(sending.change));
    story?.[sending.change?.kind === 'edits' ? 'edits' : 'deletions'].push(sending);
  }
  return [...stories.values()].filter(({ edits, deletions }) => edits.length + deletions.length > 0);
}

/** Describes what is wrong with a message's final text; undefined if nothing is. */
function wrongText({ message, edits, deletions }: Story, text: string): string | undefined {
  if (text === '') return deletions.length > 0 ? undefined : 'has no text, but nobody deleted it';
  if (deletions.some(({ sent }) => sent)) return `has the text ${text}, but its deletion was acknowledged`;
  const shown = edits.find(({ key }) => key === text);
  if (shown === undefined && text !== message.key) return `has the text ${text}, which nobody sent`;
  // An edit without an acknowledgement may have taken effect at any time.
  const isOver = (each: Sending) =>
    shown === undefined || (shown.sent?.at ?? Number.POSITIVE_INFINITY) <= each.began;
  const later = edits.find((each) => each.sent && isOver(each));
  return later && `has the text ${text}, but ${later.key} was acknowledged later`;
}

function wrongInHistory({ history }: Record, story: Story): string[] {
  const { place } = story;
  const told = (history.get(story.chat) ?? []).filter((entry) => placeOf(entry) === place);
  const message = told.find((entry) => !isChange(entry));
  const changes = told.filter(isChange);
  const begun = story.edits.length + story.deletions.length;
  const wrong = told.flatMap((entry) => {
    const what = wrongText(story, entry.content);
    return what ? [`${place} ${what}, in entry ${entry.seq} of the history`] : [];
  });
  for (const { seq, edits, content } of changes)
    if (edits && content !== message?.content)
      wrong.push(`${place} has the text ${message?.content}, but its edit ${seq} has ${content}`);
  if (message?.content === '' && !message.deleted) wrong.push(`${place} has no text, but is not deleted`);
  for (const { seq, edits, content } of changes)
    if (edits && content === '') wrong.push(`${place} is deleted, but its edit ${seq} does not show that`);
  if (changes.length > begun)
    wrong.push(`${place} has ${changes.length} changes, but only ${begun} were requested`);
  return wrong;
}

/** The time of the first acknowledged deletion. */
const deletedBy = ({ deletions }: Story): number =>
  Math.min(...deletions.map(({ sent }) => sent?.at ?? Number.POSITIVE_INFINITY));

function changedAfterDeletion(story: Story): string[] {
  return story.edits
    .filter(({ sent, began }) => sent && began > deletedBy(story))
    .map(({ key }) => `${story.place}: the edit ${key} succeeded after the deletion was acknowledged`);
}

/** Texts that a request returned after the deletion was acknowledged. A push that was on its way may still arrive. */
function handedOutAfterDeletion({ deliveries }: Record, story: Story): string[] {
  const { place } = story;
  return deliveries
    .filter((each) => each.content !== '' && placeOf(each) === place && (each.asked ?? 0) > deletedBy(story))
    .map(
      ({ device, content }) =>
        `${device} requested and got ${content} of ${place} after its deletion was acknowledged`,
    );
}

/** Checks the text on each device that received the last change of the message. */
function wrongViews({ deliveries, history }: Record, story: Story): string[] {
  const { place } = story;
  const last = (history.get(story.chat) ?? []).findLast(
    (entry) => isChange(entry) && placeOf(entry) === place,
  );
  const devices = new Map<string, Delivery[]>();
  for (const each of deliveries)
    if (placeOf(each) === place) devices.set(each.device, [...(devices.get(each.device) ?? []), each]);
  return [...devices].flatMap(([device, got]) => {
    if (!got.some(({ message_id }) => message_id === last?.message_id)) return [];
    const what = wrongText(story, shownBy(got));
    return what ? [`${place} ${what}, on ${device}`] : [];
  });
}

/** The text that a client shows: a deletion is final, and of several edits the one with the highest seq counts. */
function shownBy(got: readonly Delivery[]): string {
  let shown: { seq: number; content: string } = { seq: 0, content: '' };
  for (const { seq, content, deletes } of got) {
    if (deletes !== undefined || content === '') return '';
    if (seq >= shown.seq) shown = { seq, content };
  }
  return shown.content;
}
