import type { BuildOptions } from 'esbuild';

/** How to build a package: `recipe` of `packages/NAME/recipe.ts`. What it says of itself is in its `package.json`. */
export interface Recipe {
  /** Modules that users import: the path in the package, without its ending, and the source in this repository. */
  modules?: Readonly<Record<string, string>>;
  /** Sources that are modules of another package, which is imported instead: what it is called there. */
  theirs?: Readonly<Record<string, string>>;
  /** Whether `require` gets a build of its own, for Node before 20.19. */
  hasRequire?: boolean;
  /** Options of esbuild that differ. */
  options?: BuildOptions;
  /** Adds what is not a module. @param folder the package, built so far */
  finish?(folder: string): Promise<void>;
}

/** How to build a package that is imported. */
export type WithModules = Recipe & Pick<Required<Recipe>, 'modules'>;
