import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../../sdk/chat.ts';
import { Bursts } from '../../view/bursts.ts';
import type { Invitation } from '../../view/invitations.ts';
import { indexAfter } from '../../view/log.ts';
import { isBy, nameIn } from '../../view/sender.ts';
import type { Row } from '../../view/view.ts';
import { startOf } from './format.ts';
import type { Model } from './model.ts';

/** Says to screen readers who invites the user, also where the list is out of sight. */
export function InvitationAnnouncer({ model }: { model: Model }) {
  const [{ text, count }, say] = useState({ text: '', count: 0 });
  useLayoutEffect(() => {
    const spoken = ({ group, by, title = group }: Invitation) =>
      `${model.nameOf(by)} invites you to ${title}`;
    return model.invitations.onCome((come) =>
      say((last) => ({
        text: come.length > MOST ? `${come.length} new invitations` : come.map(spoken).join('\n'),
        count: last.count + 1,
      })),
    );
  }, [model]);
  return (
    <p class="hidden" aria-live="polite">
      <span key={count}>{text}</span>
    </p>
  );
}

// More than these at once are only counted.
const MOST = 3;

/** Says to screen readers what others write while the chat is open. The list itself is silent, as it also grows by history. */
export function Announcer({ model, row }: { model: Model; row: Row }) {
  const { messages } = model.logOf(row).newest;
  const said = useRef(row.lastSeq);
  const [{ text, count }, say] = useState({ text: '', count: 0 });
  const [bursts] = useState(() => new Bursts<Message>((fresh) => speak(fresh)));
  const last = messages.at(-1)?.seq ?? 0;

  function speak(fresh: readonly Message[]) {
    const spoken = (message: Message) =>
      `${nameIn(message, (id) => model.nameOf(id))}: ${startOf(message.content)}`;
    const text = fresh.length > MOST ? `${fresh.length} new messages` : fresh.map(spoken).join('\n');
    say((before) => ({ text, count: before.count + 1 }));
  }

  useEffect(() => {
    if (last <= said.current) return;
    const fresh = messages
      .slice(indexAfter(messages, said.current))
      .filter((message) => !isBy(message, model.chat.username) && !message.deleted);
    said.current = last;
    bursts.add(fresh);
  });
  useEffect(() => () => bursts.stop(), [bursts]);
  return (
    <p class="hidden" aria-live="polite">
      {/* Another element each time: the same text twice is said twice. */}
      <span key={count}>{text}</span>
    </p>
  );
}
