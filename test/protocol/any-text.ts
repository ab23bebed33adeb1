import fc from 'fast-check';

const upTo = (last: number) => fc.integer({ min: 0, max: last }).map((point) => String.fromCodePoint(point));

/** Any string at all, half surrogates and controls often among it. fast-check's own takes a second to make. */
export const anyText = (bounds: fc.StringSharedConstraints = {}): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.oneof(
      upTo(0xa0),
      upTo(0x10ffff),
      fc.constantFrom('\u2028', '\u2029', '\ud83d', '\ude00', '\u212a', '😀', '"', '\\', '{', ' '),
    ),
    ...bounds,
  });
