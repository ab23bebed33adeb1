import fc from 'fast-check';
import { expect, test } from 'vitest';
import { networkOf } from '../../lambdas/runtime/network.ts';

const group = fc.integer({ min: 0, max: 0xffff });
const eight = fc.array(group, { minLength: 8, maxLength: 8 });

/** Ways to write one address: which zeros are left out, upper case, leading zeros, IPv4 at its end, a zone. */
const style = fc.record({
  from: fc.nat(7),
  to: fc.nat(8),
  upper: fc.boolean(),
  padded: fc.boolean(),
  dotted: fc.boolean(),
  zone: fc.constantFrom('', '%eth0', '%1'),
});
type Style = typeof style extends fc.Arbitrary<infer S> ? S : never;

function written(groups: readonly number[], { from, to, upper, padded, dotted, zone }: Style): string {
  const hex = groups.map((value) => value.toString(16).padStart(padded ? 4 : 1, '0'));
  const [g, h] = [groups[6] ?? 0, groups[7] ?? 0];
  if (dotted) hex.splice(6, 2, [g >> 8, g & 255, h >> 8, h & 255].join('.'));
  const end = Math.min(to, dotted ? 6 : 8);
  const isRun = end > from && groups.slice(from, end).every((value) => value === 0);
  const text = isRun ? `${hex.slice(0, from).join(':')}::${hex.slice(end).join(':')}` : hex.join(':');
  return (upper ? text.toUpperCase() : text) + zone;
}

const isMapped = (groups: readonly number[]) =>
  groups.slice(0, 5).every((value) => value === 0) && groups[5] === 0xffff;

test('all spellings and hosts of an IPv6 network count as one network', () => {
  const withZeros = fc.array(fc.oneof(fc.constant(0), group), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(withZeros, eight, style, style, (one, host, as, also) => {
      const other = [...one.slice(0, 4), ...host.slice(4)];
      fc.pre(!isMapped(one) && !isMapped(other));
      expect(networkOf(written(one, as))).toBe(networkOf(written(other, also)));
    }),
  );
});

test('two networks count as two', () => {
  fc.assert(
    fc.property(eight, eight, style, style, (one, other, as, also) => {
      fc.pre(one.slice(0, 4).join() !== other.slice(0, 4).join() && !isMapped(one) && !isMapped(other));
      expect(networkOf(written(one, as))).not.toBe(networkOf(written(other, also)));
    }),
  );
});

test('an IPv4 address counts the same in its IPv6 spelling, and is a network of its own', () => {
  fc.assert(
    fc.property(fc.ipV4(), style, (address, as) => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
      const groups = [0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d];
      expect(networkOf(address)).toBe(address);
      expect(networkOf(written(groups, as))).toBe(address);
    }),
  );
});

test.each([
  ['2001:db8::1', '2001:0db8:0000:0000'],
  ['2001:DB8:0:0:ffff::1', '2001:0db8:0000:0000'],
  ['2001:db8:0:1::', '2001:0db8:0000:0001'],
  ['::1', '0000:0000:0000:0000'],
  ['fe80::1%lo0', 'fe80:0000:0000:0000'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['', ''],
])('%s is of %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
