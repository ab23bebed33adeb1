import fc from 'fast-check';
import { decodeId, encodeId } from '../../protocol/index.ts';

const awkward = fc.constantFrom(
  ...'|@:#%/\\"\'=!~$&. _-'.replace(' ', ''),
  ...['%3A', '%3a', '%25', '%23', 'a', 'A', 'team', '#team', '/m/', '/c/', '__proto__', 'constructor'],
);
const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
/** What an identity provider may call a user; most are made of what could be confused. */
export const anyId = fc
  .oneof(
    {
      arbitrary: fc.array(awkward, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
      weight: 4,
    },
    {
      arbitrary: fc.array(printable, { minLength: 1, maxLength: 128 }).map((parts) => parts.join('')),
      weight: 1,
    },
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      '%'.repeat(128),
      // Longer than a file's name, once it is encoded.
      '%'.repeat(70),
      '"'.repeat(128),
      '\\'.repeat(128),
    ),
  )
  .map((id) => id.slice(0, 128));
/** An id, and one that is hard to tell from it. */
const pair = fc.oneof(
  fc.tuple(anyId, anyId),
  anyId.map((id) => [id, id.toLowerCase()] as const),
  anyId.map((id) => [id, encodeId(id)] as const),
  anyId.map((id) => [id, decodeId(id)] as const),
  anyId.map((id) => [id, `${id}/1`] as const),
);
/** Two ids that are hard to tell apart. */
export const distinct = pair.filter(
  ([one, other]) => one !== other && other.length >= 1 && other.length <= 128,
);
