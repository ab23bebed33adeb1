/** What the system shows of a chat, beside the page. */
export interface Note {
  title: string;
  body: string;
  /** The chat's id: of each chat there is one, also if another tab had shown that before it. */
  tag: string;
}

type NoteOptions = Pick<Note, 'body' | 'tag'> & { icon: string };

/** The parts of a browser that show notes. */
export interface Showing {
  /** The page's service worker, if it has one (worker.ts). */
  worker?:
    | {
        active: unknown;
        showNotification(title: string, options: NoteOptions): Promise<void>;
        getNotifications(filter?: { tag: string }): Promise<{ tag: string; close(): void }[]>;
      }
    | undefined;
  Notification: new (title: string, options?: NoteOptions) => { onclick: unknown; close(): void };
}

const ICON = './icon.svg';

/**
 * Shows a note: by the service worker, which Android insists on, or else by the page.
 * @param onClick for a note of the page; the worker leads to the chat by itself
 * @returns closes it; undefined if this browser shows none
 */
export async function showNote(
  { title, ...note }: Note,
  onClick: () => void,
  { worker, Notification }: Showing,
): Promise<(() => void) | undefined> {
  const options = { ...note, icon: ICON };
  try {
    if (worker?.active) {
      await worker.showNotification(title, options);
      return () =>
        void worker.getNotifications({ tag: note.tag }).then((shown) => {
          for (const each of shown) each.close();
        });
    }
    const shown = new Notification(title, options);
    shown.onclick = () => {
      shown.close();
      onClick();
    };
    return () => shown.close();
  } catch {
    return undefined;
  }
}

/** The notes of the service worker, of which a reload leaves all: the chat of each, and what closes it. */
export async function leftNotes(worker: Showing['worker']): Promise<[tag: string, close: () => void][]> {
  const shown = (await worker?.getNotifications().catch(() => [])) ?? [];
  return shown.map((note) => [note.tag, () => note.close()]);
}

/** Whether this browser could show notes if it was allowed to. */
export function canShow({ worker, Notification }: Showing): boolean {
  if (worker?.active) return true;
  try {
    // Without permission it shows nothing, and on Android it throws.
    new Notification('').close();
    return true;
  } catch {
    return false;
  }
}
