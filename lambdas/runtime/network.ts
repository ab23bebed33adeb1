import { isIPv6 } from 'node:net';

// ::ffff:0:0/96, IPv4-mapped IPv6 addresses (RFC 4291, 2.5.5.2).
const MAPPED = '0000:0000:0000:0000:0000:ffff:';

/**
 * Returns the network that limits count an address by: an IPv4 address itself, or the /64 of an IPv6 address, which is one
 * customer's. Accepts all notations (RFC 4291, 2.2; RFC 4007, 11 for zones).
 */
export function networkOf(address: string): string {
  const [text = ''] = address.toLowerCase().split('%');
  if (!isIPv6(text)) return text;
  const groups = groupsOf(text);
  if (groups.join(':').startsWith(MAPPED)) return groups.slice(6).flatMap(bytesOf).join('.');
  return groups.slice(0, 4).join(':');
}

/** The eight groups of an IPv6 address, four hexadecimal digits each. */
function groupsOf(text: string): string[] {
  const [head = '', tail] = text.replace(/\d+\.\d+\.\d+\.\d+$/, asGroups).split('::');
  const [before, behind] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean)) as [
    string[],
    string[],
  ];
  const left = 8 - before.length - behind.length;
  return [...before, ...Array<string>(left).fill('0'), ...behind].map((group) => group.padStart(4, '0'));
}

/** Converts a dotted IPv4 part in the last 32 bits. */
function asGroups(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

const bytesOf = (group: string): number[] => [
  Number.parseInt(group, 16) >> 8,
  Number.parseInt(group, 16) & 255,
];
