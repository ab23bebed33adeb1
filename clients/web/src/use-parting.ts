import { useEffect } from 'preact/hooks';
import type { EditableChat } from '../../sdk/chat.ts';

/**
 * Sends the deletions that wait for an undo as soon as their user looks away: leaves the tab, reloads or closes the page,
 * locks the phone. Timers of a page that nobody looks at may stand still, and a closed page sends nothing, so a deletion
 * that waited on would be shown as done here and not be done. What could not be sent any more is in the store, and the
 * next start sends it.
 */
export function useParting(chat: EditableChat): void {
  useEffect(() => {
    const part = () => document.hidden && chat.flush();
    const leave = () => chat.flush();
    document.addEventListener('visibilitychange', part);
    window.addEventListener('pagehide', leave);
    return () => {
      document.removeEventListener('visibilitychange', part);
      window.removeEventListener('pagehide', leave);
    };
  }, [chat]);
}
