/** The way to the newest message, with the number of those that were not seen. */
export const JumpButton = ({ unseen, onJump }: { unseen: number; onJump(): void }) => (
  <button type="button" class="jump" onClick={onJump}>
    <span aria-hidden="true">↓</span>
    {unseen > 0 ? `${unseen} new` : 'Newest'}
    <span class="hidden">, jump to the newest message</span>
  </button>
);
