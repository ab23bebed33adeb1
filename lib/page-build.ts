import { fileURLToPath } from 'node:url';

/**
 * The command that builds the page into a folder. It is a process of its own, since what `NODE_ENV` says decides what is
 * built: with `test` or `development` the page would name the folder of its sources, and be larger.
 */
export const pageBuild = (outDir: string) => ({
  file: process.execPath,
  args: [
    fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url)),
    ...['build', '--config', 'clients/web/vite.config.ts', '--outDir', outDir, '--logLevel', 'error'],
  ],
  options: {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_ENV: 'production' },
  },
});
