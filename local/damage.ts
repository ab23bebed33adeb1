import { called } from '../cli/called.ts';

/** The message to a user whose data is damaged. @param what the damage, as a sentence without full stop */
export const damageRefusal = (what: string): string => `${what}.
Nothing was changed. You can
  - go back to a copy of the folder, if you have one;
  - begin anew in another one:  ${called('start', '--data DIR')}
  - go on with what is readable, which may lack messages:  ${called('start', '--accept-damage')}`;
