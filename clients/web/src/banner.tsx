import type { Model } from './model.ts';

/** Shows a lost connection or the last error. */
export function Banner({ model }: { model: Model }) {
  const isOff = model.state !== 'online';
  return (
    <div class="top">
      <div role="status" class={`banner ${isOff ? 'is-shown' : ''}`}>
        {isOff &&
          (model.noToken
            ? `Your sign-in has run out. ${model.noToken}`
            : model.state === 'waiting'
              ? 'Offline. What you write is sent as soon as there is a connection.'
              : 'Connecting …')}
      </div>
      {model.notice && (
        <div role="alert" class={`notice ${model.invitation ? 'is-good' : ''}`}>
          {model.notice}
          {model.invitation && (
            <button
              type="button"
              class="primary small"
              onClick={() => void model.enterGroup(model.invitation, false)}
            >
              Join
            </button>
          )}
          <button type="button" class="quiet" onClick={() => model.say('')} aria-label="Dismiss">
            ✕
          </button>
        </div>
      )}
    </div>
  );
}
