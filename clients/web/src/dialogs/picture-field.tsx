import { pictureAt } from '../../../view/pictures.ts';
import type { Model } from '../model.ts';
import { hintFor } from '../picture-hint.ts';
import { Field } from './field.tsx';

// A host that doesn't answer keeps nobody waiting.
const PATIENCE_MS = 10_000;

interface PictureFieldProps {
  model: Model;
  value: string;
  onText(text: string): void;
  /** Whether it is the user's own picture, which a browser may know. */
  isOwn?: boolean;
}

/** The field for the address of a picture, which says where the page doesn't show it. */
export const PictureField = ({ model, value, onText, isOwn = false }: PictureFieldProps) => (
  <Field
    label="Web address of the picture"
    type="url"
    inputMode="url"
    value={value}
    onText={onText}
    maxLength={1024}
    placeholder="https://"
    autoComplete={isOwn ? 'photo' : 'off'}
    autoCapitalize="none"
    spellcheck={false}
    hint={hintFor(value.trim(), model.service.pictures)}
  />
);

/**
 * What is in the way of setting a picture that the page would show: an address without one.
 * @param signal its user wants it no more: it is not loaded any further
 * @returns a sentence; undefined if nothing is
 */
export async function problemAt(
  signal: AbortSignal,
  address = '',
  hosts?: readonly string[],
): Promise<string | undefined> {
  if (pictureAt(address, hosts) !== 'shown') return undefined;
  const image = new Image();
  return new Promise((resolve) => {
    const end = (problem?: string) => {
      clearTimeout(timer);
      image.onload = image.onerror = null;
      image.src = '';
      resolve(problem);
    };
    const fail = () => end('No picture can be loaded from this address.');
    const timer = setTimeout(fail, PATIENCE_MS);
    signal.addEventListener('abort', () => end());
    image.onload = () => end();
    image.onerror = fail;
    image.referrerPolicy = 'no-referrer';
    image.src = address;
  });
}
