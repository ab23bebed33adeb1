import type { WithModules } from '../../tools/pack/recipe.ts';

export const recipe: WithModules = {
  modules: {
    index: 'clients/sdk/chat.ts',
    profiles: 'clients/sdk/profiles.ts',
    'browser-store': 'clients/sdk/browser-store.ts',
    'file-store': 'clients/sdk/file-store.ts',
  },
  hasRequire: true,
};
