import type { Row } from '../../../view/view.ts';
import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { useChanges } from '../use-changes.ts';
import { Dialog, Problem } from './dialog.tsx';
import { PictureField, problemAt } from './picture-field.tsx';

/** The dialog in which a group's owner says what it is called, what it is about, and where its picture is. */
export function AboutGroup({ model, row, onDone }: { model: Model; row: Row; onDone(): void }) {
  const key = `#${row.name}`;
  const { fields, into, changes } = useChanges({
    title: model.givenName(key),
    topic: model.people.topic,
    avatar_url: model.givenPicture(key),
  });
  const form = useAttempt(model);

  async function save(signal: AbortSignal): Promise<string | undefined> {
    const changed = changes();
    const problem = await problemAt(signal, changed.avatar_url, model.service.pictures);
    if (problem !== undefined || signal.aborted) return problem;
    if (Object.keys(changed).length > 0) await model.describe(row, changed);
    return undefined;
  }

  return (
    <Dialog title="About this group" form={form} onSubmit={save} onDone={onDone}>
      <label>
        Title
        <input
          value={fields.title}
          onInput={(event) => into('title')(event.currentTarget.value)}
          maxLength={100}
          dir="auto"
          placeholder={row.name}
        />
      </label>
      <label>
        Topic
        <textarea
          value={fields.topic}
          onInput={(event) => into('topic')(event.currentTarget.value)}
          maxLength={250}
          rows={3}
          dir="auto"
        />
      </label>
      <PictureField model={model} value={fields.avatar_url} onText={into('avatar_url')} />
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
