/** Whether a client shows a picture, and if not, why: no address, no web address, or another host than those that it shows. */
export type Picture = 'shown' | 'none' | 'invalid' | 'elsewhere';

/**
 * Anybody may set any address, and whoever runs the host learns the network addresses of those who look: so only pictures
 * of some hosts are shown.
 * @param hosts origins, like `https://pictures.example`
 */
export function pictureAt(address: string, hosts: readonly string[] = []): Picture {
  if (address === '') return 'none';
  if (!/^https:\/\//i.test(address) || !URL.canParse(address)) return 'invalid';
  const { origin } = new URL(address);
  return hosts.some((host) => URL.canParse(host) && new URL(host).origin === origin) ? 'shown' : 'elsewhere';
}
