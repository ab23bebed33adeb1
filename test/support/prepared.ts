import { ensurePage } from '../../bin/page.ts';
import type { Pages } from '../../local/pages.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { SMALL_PAGE } from './small-page.ts';

interface Prepared {
  assembly: string;
  /** With a small page. */
  small: string;
  pages: Pages;
}

// Each project has modules of its own; all share this process.
const here = globalThis as { prepared?: Promise<Prepared> };

/** What the global setups need, made at once: they run one after the other, and no test runs meanwhile. */
export function prepared(): Promise<Prepared> {
  here.prepared ??= prepare();
  return here.prepared;
}

async function prepare(): Promise<Prepared> {
  const [assembly, small, pages] = await Promise.all([
    ensureAssembly(),
    ensureAssembly({ context: SMALL_PAGE }),
    ensurePage(),
    import('./programs.ts'),
  ]);
  return { assembly, small, pages };
}
