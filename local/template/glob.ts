const known = new Map<string, RegExp>();

/** A pattern of IAM: `*` is any text, `?` any character. The policies of a template have few; each is made once. */
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
