import { useCallback, useState } from 'preact/hooks';
import type { Row } from '../../view/view.ts';
import { AboutGroup } from './about-group.tsx';
import { Avatar } from './avatar.tsx';
import { Called } from './called.tsx';
import type { Model } from './model.ts';

/** The members of a group, and the button to leave it. */
export function Members({ model, row }: { model: Model; row: Row }) {
  const [isDescribing, setIsDescribing] = useState(false);
  const done = useCallback(() => setIsDescribing(false), []);
  return (
    <aside class="members" aria-label={`Members of ${model.titleOf(row)}`}>
      {model.topic && <p dir="auto">{model.topic}</p>}
      <ul>
        {model.people.map(({ username, online }) => (
          <li key={username}>
            <Avatar id={username} name={model.nameOf(username)} />
            <Called id={username} name={model.nameOf(username)} />
            {model.state === 'online' && <Presence isOnline={online} />}
          </li>
        ))}
      </ul>
      {model.hasMorePeople && <p>… and more</p>}
      {model.isOwner && (
        <button type="button" onClick={() => setIsDescribing(true)}>
          Title and topic
        </button>
      )}
      {isDescribing && <AboutGroup model={model} row={row} onDone={done} />}
      <button type="button" class="danger" onClick={() => void model.leave(row)}>
        Leave <Called id={row.name} name={model.titleOf(row)} />
      </button>
    </aside>
  );
}

const Presence = ({ isOnline }: { isOnline: boolean }) => (
  <>
    <span class={isOnline ? 'dot is-on' : 'dot'} />
    <span class="hidden">{isOnline ? 'online' : 'away'}</span>
  </>
);
