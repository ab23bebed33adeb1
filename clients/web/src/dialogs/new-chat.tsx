import { useState } from 'preact/hooks';
import { RequestError } from '../../../sdk/chat.ts';
import { type ChatName, chatOfGroup, chatWith, lookFor, meaningOf } from '../../../view/look-for.ts';
import { inWords, isolatedId } from '../../../view/words.ts';
import type { Model } from '../model.ts';
import { isOffline, useAttempt } from '../use-attempt.ts';
import { Dialog } from './dialog.tsx';
import { asName, Field } from './field.tsx';
import { NewGroup } from './new-group.tsx';

/** The dialog to write to a user, to join a group, and on to making one. One field: a name leads to whoever has it. */
export function NewChat({ model, onDone }: { model: Model; onDone(): void }) {
  const [name, setName] = useState('');
  const [makes, setMakes] = useState(false);
  // A group that the user may have meant.
  const [found, setFound] = useState('');
  // Who can invite its user to the group that they wanted to join.
  const [ask, setAsk] = useState('');
  // Whether it was said that offline nobody can be looked for.
  const [isWarned, setIsWarned] = useState(false);
  const form = useAttempt(model);
  const meaning = meaningOf(model.chat, name);
  const { user, group, isGroup } = meaning;
  const isOnline = !isOffline(model);
  const isIn = (name: string) => model.list.some(({ id }) => id === `#${name}`);
  const joins = isGroup && !isIn(group ?? '');

  function type(text: string) {
    setName(text);
    setFound('');
    setAsk('');
    setIsWarned(false);
    form.say('');
  }

  // First the dialog goes and gives the focus back, then the chat takes it.
  function open(chat: ChatName) {
    onDone();
    void model.show(chat);
  }

  async function look(signal: AbortSignal): Promise<string | undefined> {
    if (user === undefined && group === undefined) return inWords('invalid_name');
    const result = await Promise.race([lookFor(model.chat, meaning), offline(model)]);
    if (signal.aborted) return undefined;
    if (result === undefined) return lookOffline();
    if (result.what === 'chat') {
      open(result.chat);
      return undefined;
    }
    if (result.what === 'group' && isGroup) return enter(result.name, signal);
    if (result.what === 'group') {
      setFound(result.name);
      return `${result.name} is a group, and you are not in it.`;
    }
    if (isGroup) return `There is no group ${group}. You can make it.`;
    return `There is nobody called ${name.trim()}, and no group.`;
  }

  // Without a connection nobody can be looked for, but what is in the list can be opened.
  function lookOffline(): string | undefined {
    const ids = [
      group !== undefined && isGroup ? `#${group}` : '',
      user ? chatWith(model.chat, user).id : '',
      `#${group}`,
    ];
    const known = model.list.find(({ id }) => ids.includes(id));
    const chat =
      known ?? (isWarned && user !== undefined && !isGroup ? chatWith(model.chat, user) : undefined);
    if (chat) {
      open(chat);
      return undefined;
    }
    if (user === undefined && group === undefined) return inWords('invalid_name');
    setIsWarned(!isGroup);
    return 'You are offline, so it can’t be checked whether there is somebody of this name.';
  }

  const offlineForm = {
    ...form,
    attempt: async () => {
      form.say(lookOffline() ?? '');
      return false;
    },
  };

  async function enter(name: string, signal: AbortSignal): Promise<undefined> {
    await model.join(name).catch((error) => {
      if (error instanceof RequestError) setAsk(error.ask ?? '');
      throw error;
    });
    if (!signal.aborted) open(chatOfGroup(name));
  }

  function write() {
    onDone();
    void model.write(ask);
  }

  const join = () =>
    void form.attempt((signal) => (group === undefined ? inWords('invalid_name') : enter(group, signal)));

  if (makes) return <NewGroup key="group" model={model} typed={name} onDone={onDone} onMade={open} />;
  const toGroup = joins ? 'Join' : 'Open';
  const toWhom = isGroup ? `${toGroup} #${group ?? ''}` : `Write to ${user ?? 'them'}`;
  // Who has joined meanwhile, on another device, or is online again, is told nothing of before.
  const isFound = found !== '' && !isIn(found);
  const warns = isWarned && !isOnline;
  const isOver = (found !== '' && !isFound) || (isWarned && isOnline);
  return (
    <Dialog key="chat" title="New chat" form={isOnline ? form : offlineForm} onSubmit={look} onDone={onDone}>
      {!isOnline && <p role="status">You are offline. Groups can’t be joined or made now.</p>}
      <Field
        label="Name of a user or a group"
        value={name}
        onText={type}
        maxLength={128}
        {...asName}
        autoComplete="off"
        hint={
          user !== undefined && user === model.chat.username
            ? 'This is you. What you write here, only your own devices get.'
            : ''
        }
        problem={isOver ? '' : form.problem}
      />
      <button
        type="submit"
        class={isFound || ask !== '' ? '' : 'primary'}
        disabled={form.isBusy || name.trim() === ''}
      >
        {warns ? `${toWhom} anyway` : toWhom}
      </button>
      {ask !== '' ? (
        <button type="button" class="primary" onClick={write}>
          Write to {isolatedId(ask)}
        </button>
      ) : isFound ? (
        <button type="button" class="primary" onClick={join}>
          Join #{found}
        </button>
      ) : (
        <div class={joins ? 'alone-in-line' : 'pair'}>
          {!joins && (
            <button type="button" disabled={!isOnline} onClick={join}>
              Join group
            </button>
          )}
          <button type="button" disabled={!isOnline} onClick={() => setMakes(true)}>
            Make group
          </button>
        </div>
      )}
    </Dialog>
  );
}

/** When an attempt to connect has failed: a request would wait for the next one. */
const offline = ({ chat }: Model): Promise<undefined> =>
  new Promise((resolve) => {
    const stop = chat.on('state', ({ state }) => {
      if (state === 'connecting') return;
      stop();
      if (state !== 'online') resolve(undefined);
    });
  });
