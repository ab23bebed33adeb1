import { hueOf } from './format.ts';

/** A name's first letter, on the colour of the id. */
export function Avatar({ id, name, isGroup }: { id: string; name: string; isGroup?: boolean }) {
  const hue = Math.round(hueOf(id) / 30) % 12;
  return (
    <span class={`avatar hue-${hue} ${isGroup ? 'is-group' : ''}`} aria-hidden="true">
      {isGroup ? '#' : initialOf(name)}
    </span>
  );
}

// What a person sees as one character, like a letter with its accents.
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function initialOf(name: string): string {
  const [first] = segmenter.segment(name);
  return (first?.segment ?? '').toUpperCase();
}
