import { useEffect, useRef, useState } from 'preact/hooks';
import { pictureAt } from '../../../view/pictures.ts';
import type { Model } from '../model.ts';
import { hintFor } from '../picture-hint.ts';
import { Field } from './field.tsx';

// A host that doesn't answer keeps nobody waiting.
const PATIENCE_MS = 10_000;
// Not each address that is typed on the way is asked for.
const PAUSE_MS = 600;

interface PictureFieldProps {
  model: Model;
  value: string;
  onText(text: string): void;
  /** Whether it is the user's own picture, which a browser may know. */
  isOwn?: boolean;
}

/** The field for the address of a picture, with the picture, or why the page doesn't show it. The service takes no files. */
export function PictureField({ model, value, onText, isOwn = false }: PictureFieldProps) {
  const { pictures } = model.service;
  const address = value.trim();
  return (
    <>
      <Field
        label="Web address of a picture"
        type="url"
        inputMode="url"
        value={value}
        onText={onText}
        maxLength={1024}
        placeholder="https://"
        autoComplete={isOwn ? 'photo' : 'off'}
        autoCapitalize="none"
        spellcheck={false}
        hint={`Pictures can’t be uploaded here, only linked to. ${hintFor(address, pictures)}`}
      />
      {pictureAt(address, pictures) === 'shown' && <Preview key={address} address={address} />}
    </>
  );
}

/** The picture at an address, once its user has stopped typing. */
function Preview({ address }: { address: string }) {
  const [isTyped, setIsTyped] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsTyped(true), PAUSE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isTyped ? <Shown address={address} /> : null;
}

function Shown({ address }: { address: string }) {
  const [hasFailed, setHasFailed] = useState(false);
  const image = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const { current } = image;
    // Whoever closes the dialog wants it loaded no further.
    return () => current?.removeAttribute('src');
  }, []);
  return (
    <p class="picture" role="status">
      {hasFailed ? (
        'There is no picture at this address.'
      ) : (
        // The source is the last attribute: the others hold for how it is loaded.
        <img
          ref={image}
          alt="The picture, as others see it"
          width="76"
          height="76"
          referrerpolicy="no-referrer"
          onError={() => setHasFailed(true)}
          src={address}
        />
      )}
    </p>
  );
}

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
