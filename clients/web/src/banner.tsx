import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { isolatedId } from '../../view/words.ts';
import type { Model } from './model.ts';
import type { Notifier } from './notifier.ts';
import { store } from './store.ts';

const unkept = {
  all: 'This browser keeps nothing for this page: after a reload you have to log in again.',
  some: 'This browser has no room left for this page: after a reload, what is not sent yet is gone.',
};

/** Shows a lost connection or the last notice. */
export function Banner({ model, notifier }: { model: Model; notifier?: Notifier | undefined }) {
  const [isRead, setIsRead] = useState(false);
  const isOff = model.state !== 'online';
  return (
    <div class="top">
      <div role="status" class={`banner ${isOff ? 'is-shown' : ''}`}>
        {isOff &&
          (model.noToken
            ? `Your sign-in has run out. ${model.noToken}`
            : model.state === 'waiting'
              ? 'Offline. What you write is sent as soon as there is a connection.'
              : model.isListed
                ? // As long as the other, so that the page stays where it is from one attempt to the next.
                  'Connecting … What you write is sent as soon as there is a connection.'
                : 'Connecting …')}
      </div>
      {model.notice && (
        <Notice
          model={model}
          join={model.invitation}
          ask={model.ask}
          isNews={model.isNews}
          onDismiss={() => model.say('')}
        >
          {model.notice}
        </Notice>
      )}
      {notifier?.isOffered && (
        <div role="status" class="notice is-news">
          <span>Something new came while you were away.</span>
          <button type="button" class="primary small" onClick={() => void notifier.ask()}>
            Notify me
          </button>
          <button type="button" class="quiet" onClick={() => notifier.decline()} aria-label="Dismiss">
            ✕
          </button>
        </div>
      )}
      {store.unkept && !isRead && (
        <Notice model={model} onDismiss={() => setIsRead(true)}>
          {unkept[store.unkept]}
        </Notice>
      )}
    </div>
  );
}

interface NoticeProps {
  model: Model;
  /** The group that its button joins, if it has one. */
  join?: string;
  /** The user to whom its button writes, if it has one. */
  ask?: string;
  isNews?: boolean;
  onDismiss(): void;
  children: ComponentChildren;
}

function Notice({ model, join, ask, isNews, onDismiss, children }: NoticeProps) {
  const [isBusy, setIsBusy] = useState(false);

  const act = (work: () => Promise<void>) => async () => {
    setIsBusy(true);
    await work();
    setIsBusy(false);
  };

  return (
    <div role="alert" class={`notice ${isNews ? 'is-news' : ''}`}>
      <span>{children}</span>
      {join && (
        <button type="button" class="primary small" disabled={isBusy} onClick={act(() => model.enter(join))}>
          Join
        </button>
      )}
      {ask && (
        <button type="button" class="primary small" disabled={isBusy} onClick={act(() => model.write(ask))}>
          Write<span class="hidden"> to {isolatedId(ask)}</span>
        </button>
      )}
      <button type="button" class="quiet" onClick={onDismiss} aria-label="Dismiss">
        ✕
      </button>
    </div>
  );
}
