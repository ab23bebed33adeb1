import { useEffect, useState } from 'preact/hooks';
import { hueOf } from './format.ts';
import type { Model } from './model.ts';

interface AvatarProps {
  model: Model;
  id: string;
  /** What stands beside it. */
  name: string;
  isGroup?: boolean;
}

/** A picture, if there is one that the page shows. Before it is loaded, and without one: a letter on the colour of the id. */
export function Avatar({ model, id, name, isGroup = false }: AvatarProps) {
  const hue = Math.round(hueOf(id) / 30) % 12;
  const picture = model.pictureOf(`${isGroup ? '#' : '@'}${id}`);
  return (
    <span class={`avatar hue-${hue} ${isGroup ? 'is-group' : ''}`} aria-hidden="true">
      <Picture key={picture} address={picture} instead={isGroup ? '#' : initialOf(name)} />
    </span>
  );
}

/** @param instead what is shown until it is there */
function Picture({ address, instead }: { address: string; instead: string }) {
  const [status, setStatus] = useState<'loading' | 'loaded' | 'failed'>('loading');
  const hasFailed = status === 'failed';
  // What failed without a connection is there with one.
  useEffect(() => {
    if (!hasFailed) return;
    const again = () => setStatus('loading');
    addEventListener('online', again);
    return () => removeEventListener('online', again);
  }, [hasFailed]);
  return (
    <>
      {status !== 'loaded' && instead}
      {address !== '' && !hasFailed && (
        // The source is the last attribute: the others hold for how it is loaded.
        <img
          alt=""
          width="38"
          height="38"
          loading="lazy"
          decoding="async"
          referrerpolicy="no-referrer"
          draggable={false}
          onLoad={() => setStatus('loaded')}
          onError={() => setStatus('failed')}
          src={address}
        />
      )}
    </>
  );
}

// What a person sees as one character, like a letter with its accents.
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function initialOf(name: string): string {
  const [first] = segmenter.segment(name);
  return (first?.segment ?? '').toUpperCase();
}
