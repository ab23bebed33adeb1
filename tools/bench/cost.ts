// `npm run bench:cost`: measures the table of costs. Counts requests and units at the local DynamoDB engine and posts at the
// management API; budgets are in brackets. Exits with 1 if one is exceeded.
import { parseOrExit } from '../../cli/command.ts';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { costOf } from '../../test/support/cost.ts';
import { startProvider } from '../../test/support/provider.ts';
import { synthesize } from '../../test/support/synthesize.ts';
import { broken, type CostRow, costRows, tokenRows } from './cost-rows.ts';
import { People } from './people.ts';

parseOrExit({
  name: 'npm run bench:cost',
  about: 'Counts requests, units and posts of every operation. Exits with 1 if one is over its budget.',
  flags: {},
});

const cell = (actual: number, most: number, exactly = false) =>
  `${actual} [${exactly ? '' : '≤ '}${most}]`.padEnd(14);
let failures = 0;

async function measure(assembly: string, rows: readonly CostRow[]): Promise<void> {
  const cloud = await startCloud({ assembly, port: 0 });
  for (const row of rows) {
    const people = new People(cloud.url);
    const action = await row.scene(people, cloud);
    const actual = await costOf(cloud, action);
    const { requests, writes, reads, posts } = row.budget;
    const cells = [
      cell(actual.requests, requests),
      cell(actual.writes, writes),
      cell(actual.reads, reads),
      cell(actual.posts, posts, true),
    ];
    const wrong = broken(actual, row);
    failures += wrong.length;
    console.log(`${row.operation.padEnd(64)}${cells.join('')}${wrong.length > 0 ? 'OVER' : 'PASS'}`);
    await people.leave();
  }
  await cloud.close();
}

console.log(`${'operation'.padEnd(64)}requests      write units   read units    posts`);
await measure(await ensureAssembly(), costRows);
const provider = await startProvider('chat');
const { folder, remove } = synthesize({ jwtIssuer: provider.issuer, jwtAudience: 'chat' });
await measure(folder, tokenRows(provider.tokenOf));
provider.close();
remove();
process.exitCode = failures > 0 ? 1 : 0;
