import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../cli/command.ts';

const command = {
  name: 'npm run release-fixtures',
  about:
    'Writes what later releases are tested against (docs/versions.md): data of this release, what has state in its template, and the rights of its functions.',
  takes: '[VERSION]',
  flags: {},
};

// A session that the test can always use.
const context = { sessionDays: '36500' };

await run(command, async (_, [given]) => {
  // Not for --help.
  const { startCloud } = await import('../local/cloud.ts');
  const { ensureAssembly } = await import('../local/synth.ts');
  const { live } = await import('../test/upgrade/life.ts');
  const { rights } = await import('../test/upgrade/rights.ts');
  const { deployments } = await import('../test/upgrade/templates.ts');
  const root = new URL('../', import.meta.url);
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const folder = fileURLToPath(new URL(`test/upgrade/${given ?? version}/`, root));
  const work = mkdtempSync(join(tmpdir(), 'parley-fixtures-'));
  try {
    const data = join(work, 'data');
    const cloud = await startCloud({ assembly: await ensureAssembly({ context }), port: 0, data });
    const life = await live(cloud.url).finally(() => cloud.close());
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    cpSync(data, join(folder, 'data'), { recursive: true });
    writeFileSync(join(folder, 'life.json'), `${JSON.stringify(life, null, 2)}\n`);
    writeFileSync(join(folder, 'template.json'), `${JSON.stringify(deployments(), null, 2)}\n`);
    writeFileSync(join(folder, 'rights.json'), `${JSON.stringify(rights(), null, 2)}\n`);
    console.log(folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
