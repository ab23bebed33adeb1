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

/** The project's own folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');

const KEPT = 8;
const ABANDONED_MS = 10 * 60_000;

/** Something that is made of sources, and need not be made again as long as they are the same. */
interface Product {
  /** Its name in the cache, like `assembly`. */
  kind: string;
  /** Files and folders of the project; all that it is made of. */
  sources: readonly string[];
  /** What else it depends on. */
  options?: object;
  /** Makes it, in an empty folder. @param temporary another one, for what is of no use afterwards */
  make(folder: string, temporary: string): Promise<void>;
  /** Called if it has to be made. */
  onStart?: () => void;
}

/** @returns the folder with the product, made now or before */
export async function ensure({ kind, sources, options = {}, make, onStart }: Product): Promise<string> {
  const product = join(cache, `${kind}-${fingerprint(sources, options)}`);
  removeAbandoned();
  if (existsSync(product)) {
    // Of those that are not used any more, the oldest go.
    const now = new Date();
    utimesSync(product, now, now);
    return product;
  }
  onStart?.();
  mkdirSync(cache, { recursive: true });
  // Elsewhere first, so that nobody sees half of it.
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

/** Another process may have been faster; its product is as good. */
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

/** Old products go, but for the newest few: other branches and options. */
function prune(kind: string): void {
  const byAge = readdirSync(cache)
    .filter((name) => name.startsWith(`${kind}-`))
    .map((name) => ({ path: join(cache, name), at: statSync(join(cache, name)).mtimeMs }))
    .sort((one, other) => other.at - one.at);
  for (const { path } of byAge.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}

/** Of processes that were killed in the middle. */
function removeAbandoned(): void {
  if (!existsSync(cache)) return;
  for (const name of readdirSync(cache).filter((each) => each.startsWith('making-'))) {
    const path = join(cache, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}
