import type { Recipe } from '../../tools/pack/recipe.ts';

export const recipe: Recipe = {
  modules: { index: 'clients/react/index.ts' },
  // One copy of it for the app and the hooks.
  theirs: {
    'clients/sdk/browser-store.ts': '@parley-chat/client/browser-store',
    'clients/sdk/chat.ts': '@parley-chat/client',
    'clients/sdk/editing.ts': '@parley-chat/client/changes',
    'clients/sdk/profiles.ts': '@parley-chat/client/profiles',
  },
  hasRequire: true,
  // React's server components: it has hooks and runs in a browser.
  options: { banner: { js: "'use client';" } },
};
