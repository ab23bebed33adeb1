import type { Name } from './model.ts';

/** The key of a user's profile. `@` keeps users apart from groups, whatever characters an id has. */
export const userProfile = (username: string): string => `@${username}`;

/**
 * The key of a group's profile. A later group of the same name has one of its own, so that it shows nothing of an earlier
 * one, whichever write comes last.
 */
export const groupProfile = ({ name, generation }: Pick<Name, 'name' | 'generation'>): string =>
  generation === undefined ? `#${name}` : `#${name} ${generation}`;
