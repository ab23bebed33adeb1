import { useState } from 'preact/hooks';

/**
 * The fields of a form for what the service has. Only what its user changes is to be sent: of the rest, the page may not
 * know yet what it is, and would remove it.
 */
export function useChanges<F extends Record<string, string>>(first: F) {
  const [before] = useState(first);
  const [fields, setFields] = useState(first);
  return {
    fields,
    /** Takes what is typed into a field. */
    into: (field: keyof F) => (text: string) => setFields((all) => ({ ...all, [field]: text })),
    /** What is to be sent, without space around it. */
    changes: (): Partial<F> => changesOf(before, fields),
  };
}

export const changesOf = <F extends Record<string, string>>(before: F, fields: F): Partial<F> =>
  Object.fromEntries(
    Object.entries(fields)
      .map(([field, text]) => [field, text.trim()] as const)
      .filter(([field, text]) => text !== before[field]?.trim()),
  ) as Partial<F>;
