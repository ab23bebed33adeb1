import { hueOf } from './format.ts';

/** The first letter of a name on its colour. */
export function Avatar({ name, isGroup }: { name: string; isGroup?: boolean }) {
  const hue = Math.round(hueOf(name) / 30) % 12;
  return (
    <span class={`avatar hue-${hue} ${isGroup ? 'is-group' : ''}`} aria-hidden="true">
      {isGroup ? '#' : name.charAt(0).toUpperCase()}
    </span>
  );
}
