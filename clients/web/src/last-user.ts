import { browserStore } from '../../sdk/chat.ts';
import { clear, partOfUser } from '../../sdk/store.ts';

// The client stores what belongs to a user; the page stores whose it is.
const WHO = 'parley-page/username';

/** Who was logged in here last and has not logged out since; empty for nobody. */
export const lastUser = (): string => localStorage.getItem(WHO) ?? '';

export const keepUser = (username: string): void => localStorage.setItem(WHO, username);

export const forgetUser = (): void => localStorage.removeItem(WHO);

/** Forgets the user with all that is kept of them: for when no client knows yet who it is. */
export function removeUser(): void {
  if (lastUser()) clear(browserStore(), partOfUser(lastUser()));
  forgetUser();
}
