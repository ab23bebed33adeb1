import { useEffect, useRef, useState } from 'preact/hooks';
import type { Model } from './model.ts';

/** The dialog to write to a user, and to join or create a group. */
export function NewChat({ model, onDone }: { model: Model; onDone(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState('');
  useEffect(() => {
    dialog.current?.showModal();
    // Preact's types have no `onClose`.
    dialog.current?.addEventListener('close', onDone, { once: true });
    // The dialog shows what fails in it, not what failed before.
    model.say('');
  }, [model, onDone]);
  const group = name.trim().replace(/^#/, '').toLowerCase();
  const user = model.chat.userIdOf(name.trim());

  const act = (work: () => unknown) => async (event: Event) => {
    event.preventDefault();
    if (group === '') return;
    if ((await work()) !== false) onDone();
  };

  return (
    <dialog ref={dialog} aria-labelledby="new-chat">
      <form class="card" onSubmit={act(() => model.talkTo(user))}>
        <h2 id="new-chat">New chat</h2>
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
          <button type="button" onClick={act(() => model.enterGroup(group, false))}>
            Join group
          </button>
          <button type="button" onClick={act(() => model.enterGroup(group, true))}>
            Make group
          </button>
        </div>
        {model.notice && <p role="alert">{model.notice}</p>}
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </form>
    </dialog>
  );
}
