import { useState } from 'preact/hooks';
import { type ChatName, chatOfGroup, meaningOf, nameFrom } from '../../../view/look-for.ts';
import { inWords } from '../../../view/words.ts';
import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { Dialog } from './dialog.tsx';
import { asName, Field } from './field.tsx';

interface NewGroupProps {
  model: Model;
  /** What was typed for its name; what can be none becomes its title. */
  typed: string;
  onDone(): void;
  onMade(chat: ChatName): void;
}

/** The dialog to make a group. */
export function NewGroup({ model, typed, onDone, onMade }: NewGroupProps) {
  const isName = meaningOf(model.chat, typed).group !== undefined;
  // Undefined until one is typed: made of the title.
  const [ownName, setName] = useState(isName ? typed.trim().replace(/^#/, '') : undefined);
  const [title, setTitle] = useState(isName ? '' : typed.trim());
  const [isInviteOnly, setIsInviteOnly] = useState(false);
  const form = useAttempt(model);
  const name = ownName ?? nameFrom(title);
  const { group = nameFrom(name) } = meaningOf(model.chat, name);

  async function make(signal: AbortSignal): Promise<string | undefined> {
    if (group === '') return inWords('invalid_name');
    await model.create(group, { title: title.trim(), isInviteOnly });
    if (!signal.aborted) onMade(chatOfGroup(group));
    return undefined;
  }

  return (
    <Dialog title="New group" form={form} onSubmit={make} onDone={onDone}>
      <Field
        label="Title"
        value={title}
        onText={(text) => {
          setTitle(text);
          form.say('');
        }}
        maxLength={100}
        dir="auto"
        autoComplete="off"
        placeholder={name}
        hint="In any language. You can change it later."
      />
      <Field
        label="Name"
        value={name}
        onText={(text) => {
          setName(text);
          form.say('');
        }}
        maxLength={100}
        {...asName}
        autoComplete="off"
        autoFocus={title !== '' && group === ''}
        hint={
          form.problem
            ? ''
            : group !== '' && group !== name
              ? `Others join the group by the name ${group}. It can’t be changed.`
              : 'Others join the group by it. Letters a to z, digits and . _ - It can’t be changed.'
        }
        problem={form.problem}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={isInviteOnly}
          onChange={(event) => setIsInviteOnly(event.currentTarget.checked)}
        />
        Only invited people may join
      </label>
      <button type="submit" class="primary" disabled={form.isBusy || name.trim() === ''}>
        Make group
      </button>
    </Dialog>
  );
}
