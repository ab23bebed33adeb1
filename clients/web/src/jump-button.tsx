/** The way to the newest message. @param unseen how many below were not seen; empty for none */
export const JumpButton = ({ unseen, onJump }: { unseen: string; onJump(): void }) => (
  <button type="button" class="jump" onClick={onJump}>
    <span aria-hidden="true">↓</span>
    {unseen ? `${unseen} new` : <span class="word">Newest</span>}
    <span class="hidden">, jump to the newest message</span>
  </button>
);

/** The way back to where the user was before they went to the newest message. */
export const BackButton = ({ onGo }: { onGo(): void }) => (
  <div class="above">
    <button type="button" onClick={onGo}>
      <span aria-hidden="true">↑</span>
      Back to where you were
    </button>
  </div>
);

interface AboveProps {
  /** How many messages above were not seen. */
  count: string;
  isLoading: boolean;
  onGo(): void;
  onSkip(): void;
}

/** The way to the first of the messages above what a chat opened with, and past them all. */
export const Above = ({ count, isLoading, onGo, onSkip }: AboveProps) => (
  <div class="above">
    <button type="button" onClick={onGo} aria-busy={isLoading}>
      <span aria-hidden="true">↑</span>
      {isLoading ? 'Loading …' : `${count} new`}
      <span class="hidden">, jump to the first of them</span>
    </button>
    <button type="button" onClick={onSkip}>
      Mark as read
    </button>
  </div>
);
