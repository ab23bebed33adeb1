import { clear, type KeyValueStore, partOfUser } from '../../sdk/store.ts';

// The client stores what belongs to a user; the page stores whose it is. In no user's part, as ids are encoded.
const WHO = '=page/username';

/** Which user of an identity provider was here last and has not left since; empty for nobody. @param store of the service */
export const lastUser = (store: KeyValueStore): string => store.get(WHO) ?? '';

export const keepUser = (store: KeyValueStore, username: string): void => store.set(WHO, username);

export const forgetUser = (store: KeyValueStore): void => store.set(WHO, undefined);

/** Forgets the user with all that is kept of them: for when no client knows yet who it is. */
export function removeUser(store: KeyValueStore): void {
  const last = lastUser(store);
  if (last) clear(store, partOfUser(last));
  forgetUser(store);
}
