import { pictureAt } from '../../view/pictures.ts';

/** What becomes of a picture on this page. @param hosts whose pictures it shows */
export function hintFor(address: string, hosts: readonly string[] = []): string {
  if (hosts.length === 0) return 'This page shows letters instead of pictures. Other apps may show it.';
  const names = hosts.map((host) => host.replace(/^https:\/\//, '')).join(', ');
  const picture = pictureAt(address, hosts);
  if (picture === 'invalid') return 'An address that begins with https://';
  return picture === 'elsewhere'
    ? `This page does not show it, only pictures at ${names}. Other apps may show it.`
    : `This page shows pictures at ${names}.`;
}
