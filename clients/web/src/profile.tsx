import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import type { Model } from './model.ts';

/** The dialog for the name that others see, which also shows the id by which they write. */
export function Profile({ model, onDone }: { model: Model; onDone(): void }) {
  const { username } = model.chat;
  const known = model.nameOf(username);
  const [name, setName] = useState(known === username ? '' : known);
  return (
    <Dialog model={model} title="Profile" onSubmit={() => model.rename(name.trim())} onDone={onDone}>
      <label>
        The name that others see
        <input
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          maxLength={100}
          dir="auto"
          placeholder={username}
          autoComplete="name"
        />
      </label>
      <p>
        Others write to you by your id: <code>{username}</code>
      </p>
      <button type="submit" class="primary" disabled={model.state !== 'online'}>
        Save
      </button>
    </Dialog>
  );
}
