import { useState } from 'preact/hooks';
import type { Row } from '../../../view/view.ts';
import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { Dialog, Problem } from './dialog.tsx';

/** The dialog in which a group's owner says what it is called, and what it is about. */
export function AboutGroup({ model, row, onDone }: { model: Model; row: Row; onDone(): void }) {
  const [title, setTitle] = useState(model.givenName(`#${row.name}`));
  const [topic, setTopic] = useState(model.people.topic);
  const form = useAttempt(model);
  const save = () => model.describe(row, { title: title.trim(), topic: topic.trim() });
  return (
    <Dialog title="About this group" form={form} onSubmit={save} onDone={onDone}>
      <label>
        Title
        <input
          value={title}
          onInput={(event) => setTitle(event.currentTarget.value)}
          maxLength={100}
          dir="auto"
          placeholder={row.name}
        />
      </label>
      <label>
        Topic
        <textarea
          value={topic}
          onInput={(event) => setTopic(event.currentTarget.value)}
          maxLength={250}
          rows={3}
          dir="auto"
        />
      </label>
      <Problem text={form.problem} />
      <p>
        Others join it by its name: <code>{row.name}</code>
      </p>
      <button type="submit" class="primary" disabled={form.isBusy}>
        Save
      </button>
    </Dialog>
  );
}
