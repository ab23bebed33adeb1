import { useEffect, useState } from 'preact/hooks';
import { linkTo } from './address.ts';

// Milliseconds for which it says that the link is copied.
const SAID = 4_000;

interface CopyLinkProps {
  chatId: string;
  /** Of a group for invited people alone: whom others ask. */
  host: string | undefined;
  /** What whoever follows it needs besides; empty for nothing. */
  hint: string;
}

/** The button that copies the link to a group, to be sent to whom one wants in it. */
export function CopyLink({ chatId, host, hint }: CopyLinkProps) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();
  const link = linkTo(chatId, host);
  useEffect(() => {
    if (outcome !== 'copied') return;
    const timer = setTimeout(() => setOutcome(undefined), SAID);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(link);
      setOutcome('copied');
    } catch {
      // Without TLS, or without permission.
      setOutcome('failed');
    }
  }

  return (
    <div class="link">
      <button type="button" class="small" onClick={() => void copy()}>
        Copy invitation link
      </button>
      <small role="status">{[outcome === 'copied' && 'Copied.', hint].filter(Boolean).join(' ')}</small>
      {outcome === 'failed' && (
        <input
          readOnly
          value={link}
          dir="ltr"
          aria-label="The link, to copy by hand"
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
    </div>
  );
}
