// `npm run bench:posts`: what one post costs a function in CPU, and from that what a Lambda of each memory size can post a
// second. The gateway's code, bundled as functions are, against a server in another process that answers at once; so many
// posts at a time as one invocation has (chat/delivery/fan-out.ts). The baseline is the SDK's own client, bundled likewise and with
// the options that it supports for speed. A Lambda has a share of a core in proportion to its memory, a whole one at 1,769 MB; posting is bound by it, so its price is
// the same at every size up to there, and only the time differs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Gateway } from '../../chat/ports.ts';
import { asked, number } from '../../cli/command.ts';
import { bundleFiles } from '../../lib/bundles.ts';

const { posts } = asked({
  name: 'npm run bench:posts',
  about: 'Measures the CPU of a post, and what a Lambda of each memory size can post a second.',
  flags: {
    posts: number('how many for each width', {
      least: 1_000,
      most: 1_000_000,
      whole: true,
      standard: 10_000,
    }),
  },
}).values;

const SERVER = `require('node:http').createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200).end());
}).listen(0, '127.0.0.1', function () { process.stdout.write(String(this.address().port)); });`;

const WHOLE_CORE = 1_769;
const SIZES = [128, 256, 512, 1_024, WHOLE_CORE];
// Lambda on arm64, us-east-1: dollars for a GB-second.
const GB_SECOND = 0.0000133334;

/** What both clients read. */
const environment = (endpoint: string) => ({
  CALLBACK_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});

/** What a file of tools/bench/ exports as its gateway, bundled as functions are. */
async function bundled(file: string): Promise<Gateway> {
  const { folder = '' } = bundleFiles([file], 'tools/bench').get(file) ?? {};
  const { gateway } = await import(pathToFileURL(join(folder, 'index.mjs')).href);
  return gateway;
}

async function measure(gateway: Gateway, width: number): Promise<{ cpu: number; wall: number }> {
  const frame = JSON.stringify({ type: 'RECEIVE_GROUP_MESSAGE', content: 'x'.repeat(200) });
  const run = async (count: number) => {
    let left = count;
    const work = async () => {
      while (left-- > 0) await gateway.post('connection=', frame);
    };
    await Promise.all(Array.from({ length: width }, work));
  };
  await run(1_000);
  const [began, started] = [process.cpuUsage(), performance.now()];
  await run(posts);
  const { user, system } = process.cpuUsage(began);
  return { cpu: (user + system) / 1_000 / posts, wall: (performance.now() - started) / posts };
}

const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
const [port] = (await once(server.stdout, 'data')) as [Buffer];
const endpoint = `http://127.0.0.1:${port}`;
Object.assign(process.env, environment(endpoint));
const [gateway, baseline] = [await bundled('poster'), await bundled('sdk-poster')];
const results = [];
for (const width of [1, 10, 50, 100, 200]) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${width} at a time`);
  const plain = await measure(baseline, width);
  results.push({ width, plain, ...(await measure(gateway, width)) });
}
server.kill();
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
console.log('| at a time | CPU ms a post | ms a post | to the SDK client: CPU | ms |');
console.log('| --- | --- | --- | --- | --- |');
for (const { width, cpu, wall, plain } of results) {
  const ratios = `${(cpu / plain.cpu).toFixed(2)} | ${(wall / plain.wall).toFixed(2)}`;
  console.log(`| ${width} | ${cpu.toFixed(3)} | ${wall.toFixed(3)} | ${ratios} |`);
}
const cpu = Math.min(...results.map((result) => result.cpu));
console.log('\n| MB | share of a core | posts a second | $ a million |\n| --- | --- | --- | --- |');
for (const size of SIZES) {
  const perSecond = ((size / WHOLE_CORE) * 1_000) / cpu;
  const dollars = (1_000_000 / perSecond) * (size / 1_024) * GB_SECOND;
  console.log(
    `| ${size} | ${(size / WHOLE_CORE).toFixed(2)} | ${Math.round(perSecond)} | ${dollars.toFixed(3)} |`,
  );
}
