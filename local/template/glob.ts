const known = new Map<string, RegExp>();

/** Matches an IAM pattern: `*` is any text, `?` any character. Compiled patterns are cached; a template has few. */
export function glob(pattern: string): RegExp {
  const made = known.get(pattern) ?? expressionOf(pattern);
  known.set(pattern, made);
  return made;
}

const expressionOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
