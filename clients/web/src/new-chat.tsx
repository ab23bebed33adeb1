import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import type { Model } from './model.ts';

/** The dialog to write to a user, and to join or create a group. */
export function NewChat({ model, onDone }: { model: Model; onDone(): void }) {
  const [name, setName] = useState('');
  const group = name.trim().replace(/^#/, '').toLowerCase();
  const user = model.chat.userIdOf(name.trim());

  const enter = (isNew: boolean) => async () => {
    if (group !== '' && (await model.enterGroup(group, isNew))) onDone();
  };

  return (
    <Dialog
      model={model}
      title="New chat"
      onSubmit={() => group !== '' && model.talkTo(user)}
      onDone={onDone}
    >
      <label>
        Name of a user or a group
        <input
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          maxLength={128}
          autoCapitalize="none"
          spellcheck={false}
          required
        />
      </label>
      <button type="submit" class="primary">
        Write to {user || 'them'}
      </button>
      <div class="pair">
        <button type="button" onClick={enter(false)}>
          Join group
        </button>
        <button type="button" onClick={enter(true)}>
          Make group
        </button>
      </div>
    </Dialog>
  );
}
