import { createHash } from 'node:crypto';

// File systems take 255 bytes; this leaves room for endings.
const LONGEST = 200;

// Windows takes these for devices, whatever follows their dot.
const DEVICE = /^(?=(con|prn|aux|nul|com\d|lpt\d)(\.|$))./;

/**
 * A file name for any text, like a user's id. No two ids share one, on file systems that ignore case neither: other characters than those of
 * names are written as `%` and two digits. An id that is too long for that has a digest instead.
 */
export function fileNameOf(id: string): string {
  const name = id.replace(/[^a-z0-9._-]/g, escaped).replace(DEVICE, escaped);
  return name.length <= LONGEST ? name : `~${createHash('sha256').update(id).digest('hex')}`;
}

const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
