import { posix } from 'node:path';
import type { Manifest } from './build.ts';

const LINK = /\[([^\]]+)\]\((?!https?:|#)([^)\s]+)\)/g;

/**
 * A README as it is packed. What it links to in the repository is not beside it there: such a link is to the release's file
 * where the repository is published, or none as long as the manifest doesn't say where that is.
 * @param folder of the README, from the root of the repository
 */
export function packedReadme(
  readme: string,
  folder: string,
  { repository, version }: Pick<Manifest, 'repository' | 'version'>,
): string {
  const home = repository?.url.replace(/^git\+|\.git$/g, '');
  return readme.replace(LINK, (_, text: string, path: string) =>
    home ? `[${text}](${home}/blob/v${version}/${posix.join(folder, path)})` : text,
  );
}
