import type { WithModules } from '../../tools/pack/recipe.ts';

export const recipe: WithModules = {
  modules: {
    index: 'clients/sdk/chat.ts',
    changes: 'clients/sdk/editing.ts',
    profiles: 'clients/sdk/profiles.ts',
    store: 'clients/sdk/memory-store.ts',
    'browser-store': 'clients/sdk/browser-store.ts',
    'file-store': 'clients/sdk/file-store.ts',
  },
  hasRequire: true,
  // Each module is whole, so that nobody loads a part that only others need. They share no class and no state (inner.ts).
  options: { splitting: false },
};
