import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');

const KEPT = 8;
const ABANDONED_MS = 10 * 60_000;

/** A build product that is reused while its sources are unchanged. */
interface Product {
  /** Its name in the cache, like `assembly`. */
  kind: string;
  /** Files and folders of the project that it is built from. */
  sources: readonly string[];
  /** Other inputs, such as options. */
  options?: object;
  /** Builds it into an empty folder. @param temporary another folder, which is deleted afterwards */
  make(folder: string, temporary: string): Promise<void>;
  /** Called if it has to be built. */
  onStart?: () => void;
}

/** @returns the folder with the product, built now or earlier */
export async function ensure({ kind, sources, options = {}, make, onStart }: Product): Promise<string> {
  const product = join(cache, `${kind}-${fingerprint(sources, options)}`);
  removeAbandoned();
  if (existsSync(product)) {
    // Mark it as used: the least recently used products are deleted first.
    const now = new Date();
    utimesSync(product, now, now);
    return product;
  }
  onStart?.();
  mkdirSync(cache, { recursive: true });
  // Built in a temporary folder and moved, so that no process sees an unfinished product.
  const work = mkdtempSync(join(cache, 'making-'));
  const [folder, temporary] = [join(work, 'product'), join(work, 'temporary')];
  const remove = () => rmSync(work, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    for (const each of [folder, temporary]) mkdirSync(each);
    await make(folder, temporary);
    publish(folder, product);
  } finally {
    remove();
    process.off('exit', remove);
  }
  prune(kind);
  return product;
}

/**
 * Does something that adds to a kept folder: what is kept has to be of the sources that the folder's name stands for.
 * @param folderOf the folder of the sources as they are
 * @throws Error if a source was changed meanwhile; the folder is gone then
 */
export async function whileUnchanged(
  folderOf: () => Promise<string>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await folderOf();
  await work(folder);
  if ((await folderOf()) === folder) return;
  rmSync(folder, { recursive: true, force: true });
  throw new Error('A source was changed while it was built. Try again.');
}

/** Moves a product into place, unless another process was faster; its product is equivalent. */
function publish(folder: string, product: string): void {
  try {
    renameSync(folder, product);
  } catch (error) {
    if (!existsSync(product)) throw error;
  }
}

function fingerprint(sources: readonly string[], options: object): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const file of sources.flatMap((source) => filesIn(join(root, source)))) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

const filesIn = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .flatMap((name) => filesIn(join(path, name)))
    : [path];

/** Deletes old products except the newest few, which belong to other branches and options. */
function prune(kind: string): void {
  const byAge = readdirSync(cache)
    .filter((name) => name.startsWith(`${kind}-`))
    // Another process may delete it meanwhile.
    .map((name) => ({ path: join(cache, name), at: modifiedAt(join(cache, name)) ?? 0 }))
    .sort((one, other) => other.at - one.at);
  for (const { path } of byAge.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}

/** Deletes unfinished work of processes that were killed while building. */
function removeAbandoned(): void {
  if (!existsSync(cache)) return;
  for (const name of readdirSync(cache).filter((each) => each.startsWith('making-'))) {
    const path = join(cache, name);
    if (Date.now() - (modifiedAt(path) ?? Date.now()) > ABANDONED_MS)
      rmSync(path, { recursive: true, force: true });
  }
}

const modifiedAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
