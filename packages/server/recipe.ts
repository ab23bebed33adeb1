import type { WithModules } from '../../tools/pack/recipe.ts';

export const recipe: WithModules = {
  modules: { index: 'clients/server/index.ts', local: 'clients/server/local.ts' },
  hasRequire: true,
  // Stack traces name what is ours; nobody downloads it in a browser.
  options: { platform: 'node', target: 'node20', minify: false, sourcemap: false },
};
