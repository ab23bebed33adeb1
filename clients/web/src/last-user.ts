import { clear, partOfUser } from '../../sdk/store.ts';
import { store } from './store.ts';

// The client stores what belongs to a user; the page stores whose it is. In no user's part, as ids are encoded.
const WHO = '=page/username';

/** Which user of an identity provider was here last and has not left since; empty for nobody. */
export const lastUser = (): string => store.get(WHO) ?? '';

export const keepUser = (username: string): void => store.set(WHO, username);

export const forgetUser = (): void => store.set(WHO, undefined);

/** Forgets the user with all that is kept of them: for when no client knows yet who it is. */
export function removeUser(): void {
  if (lastUser()) clear(store, partOfUser(lastUser()));
  forgetUser();
}
