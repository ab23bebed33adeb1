/**
 * How to call a program of ours, for its help and for what others say of it. The package has its own file in place of this.
 * @param program a script of npm's
 */
export function called(program: string, flags?: string): string {
  const name = program === 'start' ? 'npm start' : `npm run ${program}`;
  // npm needs `--` before a script's own flags.
  return flags === undefined ? name : `${name} -- ${flags}`;
}
