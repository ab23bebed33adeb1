import { useEffect } from 'preact/hooks';
import type { Model } from './model.ts';

/**
 * Sends the deletions that wait for an undo as soon as their user looks away: leaves the tab, reloads or closes the page,
 * locks the phone. Timers of a page that nobody looks at may stand still, and a closed page sends nothing, so a deletion
 * that waited on would be shown as done here and not be done. What could not be sent any more is in the store, and the
 * next start sends it. What was seen just now is kept, too.
 */
export function useParting(model: Model): void {
  useEffect(() => {
    const leave = () => {
      model.chat.flush();
      model.keep();
    };
    const part = () => document.hidden && leave();
    document.addEventListener('visibilitychange', part);
    window.addEventListener('pagehide', leave);
    return () => {
      document.removeEventListener('visibilitychange', part);
      window.removeEventListener('pagehide', leave);
    };
  }, [model]);
}
