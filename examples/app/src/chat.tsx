import {
  type ChatMessage,
  useChatActions,
  useChats,
  useConnection,
  useLastMessage,
  useMessages,
  usePresence,
  useScroll,
  useTyping,
} from '@parley-chat/react';
import { type FormEvent, memo, useState } from 'react';
import type { Person } from './app.tsx';

const UNDO_MS = 6_000;

/** Everybody of the app, and the open chat beside them. */
export function Chat({ people }: { people: Person[] }) {
  const [open, setOpen] = useState<Person>();
  const { state, sentence } = useConnection();
  return (
    <main className={open ? 'chat open' : 'chat'}>
      {state === 'waiting' && <p className="banner">{sentence} Messages are sent later.</p>}
      <nav aria-label="People">
        {people.map((person) => (
          <Entry key={person.id} person={person} isOpen={person === open} onOpen={setOpen} />
        ))}
      </nav>
      {open ? (
        <Thread key={open.id} person={open} onBack={() => setOpen(undefined)} />
      ) : (
        <p className="hint">Choose somebody to write to.</p>
      )}
    </main>
  );
}

function Entry({
  person,
  isOpen,
  onOpen,
}: {
  person: Person;
  isOpen: boolean;
  onOpen(person: Person): void;
}) {
  const { chats } = useChats();
  const { isOnline } = usePresence(person.id);
  const last = useLastMessage({ user: person.id });
  const chat = chats.find(({ kind, name }) => kind === 'private' && name === person.id);
  return (
    <button type="button" className="entry" aria-current={isOpen} onClick={() => onOpen(person)}>
      <span className={isOnline ? 'avatar online' : 'avatar'}>{[...person.name][0]}</span>
      <bdi className="name">{person.name}</bdi>
      <span className="preview" dir="auto">
        {last?.isDeleted ? 'Deleted' : last?.content}
      </span>
      {chat && chat.unread > 0 && (
        <span className="badge">
          {chat.unread}
          {chat.moreUnread && '+'}
        </span>
      )}
    </button>
  );
}

function Thread({ person, onBack }: { person: Person; onBack(): void }) {
  const chat = { user: person.id };
  const messages = useMessages(chat);
  const typing = useTyping(chat);
  const { ref, isAtEnd, newAfter = Number.POSITIVE_INFINITY, toEnd } = useScroll(messages);
  const firstNew = messages.messages.find(({ seq, isOwn }) => seq !== undefined && seq > newAfter && !isOwn);
  return (
    <section className="thread" aria-label={person.name}>
      <header>
        <button type="button" className="back" onClick={onBack}>
          Back
        </button>
        <h2>
          <bdi>{person.name}</bdi>
        </h2>
        <small>{typing.length > 0 && 'is typing …'}</small>
      </header>
      <div className="log" role="log" ref={ref}>
        {messages.isLoadingOlder && <p className="note">Loading …</p>}
        {messages.error && <p className="note">{messages.error.reason}</p>}
        {messages.messages.map((message) => (
          <Line key={message.id} message={message} person={person.id} isNew={message === firstNew} />
        ))}
      </div>
      {!isAtEnd && (
        <button type="button" className="jump" onClick={toEnd}>
          Newest
        </button>
      )}
      <Composer person={person} />
    </section>
  );
}

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });

/** Renders again only if its message changes, which is the same object until then. */
const Line = memo(function Line({ message, person, isNew }: LineProps) {
  const { edit, remove, undo, retry, discard } = useChatActions({ user: person });
  const { content, isOwn, isDeleted, isEdited, isRead, canUndo, status, problem, timestamp } = message;
  const change = () => {
    const text = prompt('The new text', content)?.trim();
    if (text) edit(message, text);
  };
  return (
    <article data-seq={message.seq} className={isOwn ? 'line own' : 'line'}>
      {isNew && <p className="new">New messages</p>}
      <p className="text" dir="auto">
        {isDeleted ? <i>Deleted</i> : content}
      </p>
      <footer>
        {timestamp && <time dateTime={timestamp}>{time.format(new Date(timestamp))}</time>}
        {isEdited && <span>edited</span>}
        {status !== 'sent' ? <span>{status}</span> : isOwn && <span>{isRead ? 'read' : 'sent'}</span>}
        {problem && <span role="alert">{problem}</span>}
        {canUndo && <Do what="Undo" now={() => undo(message)} />}
        {status.startsWith('not ') && <Do what="Try again" now={() => retry(message)} />}
        {status.startsWith('not ') && <Do what="Discard" now={() => discard(message)} />}
        {isOwn && !isDeleted && status === 'sent' && <Do what="Edit" now={change} />}
        {isOwn && !isDeleted && status === 'sent' && (
          <Do what="Delete" now={() => remove(message, UNDO_MS)} />
        )}
      </footer>
    </article>
  );
});

interface LineProps {
  message: ChatMessage;
  person: string;
  isNew: boolean;
}

function Do({ what, now }: { what: string; now(): void }) {
  return (
    <button type="button" onClick={now}>
      {what}
    </button>
  );
}

function Composer({ person }: { person: Person }) {
  const { send, typing } = useChatActions({ user: person.id });
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) send(text.trim());
    setText('');
  };
  return (
    <form className="composer" onSubmit={submit}>
      <input
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          typing();
        }}
        aria-label={`Message to ${person.name}`}
        placeholder="Message"
        autoComplete="off"
        dir="auto"
      />
      <button type="submit">Send</button>
    </form>
  );
}
