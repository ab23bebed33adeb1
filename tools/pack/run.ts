// `npm run pack`: builds the packages of `packages/` and writes their tarballs to `dist/`.
import { relative } from 'node:path';
import { run, UsageError } from '../../cli/command.ts';
import { pack, packageNames } from './pack.ts';
import { tableOf } from './table.ts';

const isTerminal = process.stderr.isTTY;
const say = (text: string) => process.stderr.write(isTerminal ? `\r\x1b[K${text}` : text && `${text}\n`);

await run(
  {
    name: 'npm run pack',
    about:
      'Builds the packages that people install, and writes their tarballs to dist/. Prints their sizes and what they install.',
    takes: '[PACKAGE…]',
    flags: {},
    notes: 'A package is a folder of packages/. Without one, it packs all.',
  },
  async (_, given) => {
    const all = await packageNames();
    const unknown = given.find((name) => !all.includes(name));
    if (unknown) throw new UsageError(`There is no package ${unknown}, but ${all.join(', ')}.`);
    const packed = [];
    for (const name of given.length > 0 ? given : all) {
      say(`Packing ${name} …`);
      packed.push(await pack(name));
    }
    say('');
    console.log(tableOf(packed.map((each) => ({ ...each, tarball: relative('', each.tarball) }))));
  },
);
