import type { Delivery, Place, Record, Sending, Stored } from './record.ts';

/** All that anybody wanted to do to one message. */
interface Story {
  chat: string;
  place: string;
  message: Sending;
  edits: Sending[];
  deletions: Sending[];
}

/** Where a message stands, or the one that a change is of. */
export const placeOf = ({
  chat_id,
  seq,
  edits,
  deletes,
}: Place & { edits?: number; deletes?: number }): string => `${chat_id} ${edits ?? deletes ?? seq}`;

/** Whether an entry tells of a change, and is no message. */
export const isChange = ({ edits, deletes }: Pick<Stored, 'edits' | 'deletes'>): boolean =>
  edits !== undefined || deletes !== undefined;

/** Judges what became of the messages that somebody changed. */
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

/** What is wrong with a text that a message has when all is over; undefined if nothing is. */
function wrongText({ message, edits, deletions }: Story, text: string): string | undefined {
  if (text === '') return deletions.length > 0 ? undefined : 'has no text, and nobody deleted it';
  if (deletions.some(({ sent }) => sent)) return `has the text ${text}, and its deletion was acknowledged`;
  const shown = edits.find(({ key }) => key === text);
  if (shown === undefined && text !== message.key) return `has the text ${text}, which nobody gave it`;
  // What was never acknowledged may have taken effect at any time.
  const isOver = (each: Sending) =>
    shown === undefined || (shown.sent?.at ?? Number.POSITIVE_INFINITY) <= each.began;
  const later = edits.find((each) => each.sent && isOver(each));
  return later && `has the text ${text}, and ${later.key} was acknowledged later`;
}

function wrongInHistory({ history }: Record, story: Story): string[] {
  const { place } = story;
  const told = (history.get(story.chat) ?? []).filter((entry) => placeOf(entry) === place);
  const message = told.find((entry) => !isChange(entry));
  const changes = told.filter(isChange);
  const begun = story.edits.length + story.deletions.length;
  const wrong = told.flatMap((entry) => {
    const what = wrongText(story, entry.content);
    return what ? [`${place} ${what}, says ${entry.seq} of the history`] : [];
  });
  for (const { seq, edits, content } of changes)
    if (edits && content !== message?.content)
      wrong.push(`${place} is ${message?.content}, and its edit ${seq} says ${content}`);
  if (message?.content === '' && !message.deleted) wrong.push(`${place} has no text, and is not deleted`);
  for (const { seq, edits, content } of changes)
    if (edits && content === '') wrong.push(`${place} is deleted, and its edit ${seq} does not tell that`);
  if (changes.length > begun)
    wrong.push(`${place} was changed ${changes.length} times, and ${begun} were asked for`);
  return wrong;
}

/** When it was certain that the message is deleted. */
const deletedBy = ({ deletions }: Story): number =>
  Math.min(...deletions.map(({ sent }) => sent?.at ?? Number.POSITIVE_INFINITY));

function changedAfterDeletion(story: Story): string[] {
  return story.edits
    .filter(({ sent, began }) => sent && began > deletedBy(story))
    .map(({ key }) => `${story.place} was given the text ${key} after its deletion was acknowledged`);
}

/** A push that was on its way may still arrive; not so what somebody asks for. */
function handedOutAfterDeletion({ deliveries }: Record, story: Story): string[] {
  const { place } = story;
  return deliveries
    .filter((each) => each.content !== '' && placeOf(each) === place && (each.asked ?? 0) > deletedBy(story))
    .map(
      ({ device, content }) =>
        `${device} was handed ${content} of ${place} after its deletion was acknowledged`,
    );
}

/** What each device shows that has got the last change of the message. */
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
    return what ? [`${place} ${what}, shows ${device}`] : [];
  });
}

/** As a client applies what it gets: a deletion is final, and of edits the one with the highest seq counts. */
function shownBy(got: readonly Delivery[]): string {
  let shown: { seq: number; content: string } = { seq: 0, content: '' };
  for (const { seq, content, deletes } of got) {
    if (deletes !== undefined || content === '') return '';
    if (seq >= shown.seq) shown = { seq, content };
  }
  return shown.content;
}
