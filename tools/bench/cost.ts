// `npm run bench:cost`: measures the table of costs. Counts requests and units at the local DynamoDB engine and posts at the
// management API; budgets are in brackets. Exits with 1 if one is exceeded.
import { parseOrExit } from '../../cli/command.ts';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { costOf } from '../../test/support/cost.ts';
import { broken, costRows } from './cost-rows.ts';
import { People } from './people.ts';

parseOrExit({
  name: 'npm run bench:cost',
  about: 'Counts requests, units and posts of every operation. Exits with 1 if one is over its budget.',
  flags: {},
});

const cloud = await startCloud({ assembly: await ensureAssembly(), port: 0 });
const cell = (actual: number, most: number, exactly = false) =>
  `${actual} [${exactly ? '' : '≤ '}${most}]`.padEnd(14);
let failures = 0;

console.log(`${'operation'.padEnd(64)}requests      write units   read units    posts`);
for (const row of costRows) {
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
process.exitCode = failures > 0 ? 1 : 0;
