// `npm run bench:posts`: the CPU time of one post, and from it how many posts per second a Lambda of each memory size can
// make. Runs the gateway's code, bundled like the functions, against a server in another process that answers at once, with
// as many concurrent posts as one invocation makes (chat/delivery/fan-out.ts). The baseline is the SDK's own client, bundled
// in the same way and with the options that it supports for speed. A Lambda gets CPU in proportion to its memory, a full core
// at 1,769 MB. Posting is CPU-bound, so up to there its price is the same at every size, and only the duration differs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Gateway } from '../../chat/ports.ts';
import { number, parseOrExit } from '../../cli/command.ts';
import { bundleFiles } from '../../lib/bundles.ts';

const { posts } = parseOrExit({
  name: 'npm run bench:posts',
  about:
    'Measures the CPU time of a post, and how many posts per second a Lambda of each memory size can make.',
  flags: {
    posts: number('posts for each number of concurrent posts', {
      min: 1_000,
      max: 1_000_000,
      whole: true,
      default: 10_000,
    }),
  },
}).values;

const SERVER = `require('node:http').createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200).end());
}).listen(0, '127.0.0.1', function () { process.stdout.write(String(this.address().port)); });`;

const WHOLE_CORE = 1_769;
const SIZES = [128, 256, 512, 1_024, WHOLE_CORE];
// Lambda on arm64, us-east-1: dollars per GB-second.
const GB_SECOND = 0.0000133334;

/** The environment of both clients. */
const environment = (endpoint: string) => ({
  CALLBACK_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});

/** The `gateway` export of a file in tools/bench/, bundled like the functions. */
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
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${width} concurrent posts`);
  const plain = await measure(baseline, width);
  results.push({ width, plain, ...(await measure(gateway, width)) });
}
server.kill();
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
console.log('| concurrent posts | CPU ms per post | ms per post | ratio to the SDK client: CPU | ms |');
console.log('| --- | --- | --- | --- | --- |');
for (const { width, cpu, wall, plain } of results) {
  const ratios = `${(cpu / plain.cpu).toFixed(2)} | ${(wall / plain.wall).toFixed(2)}`;
  console.log(`| ${width} | ${cpu.toFixed(3)} | ${wall.toFixed(3)} | ${ratios} |`);
}
const cpu = Math.min(...results.map((result) => result.cpu));
console.log('\n| MB | share of a core | posts per second | $ per million |\n| --- | --- | --- | --- |');
for (const size of SIZES) {
  const perSecond = ((size / WHOLE_CORE) * 1_000) / cpu;
  const dollars = (1_000_000 / perSecond) * (size / 1_024) * GB_SECOND;
  console.log(
    `| ${size} | ${(size / WHOLE_CORE).toFixed(2)} | ${Math.round(perSecond)} | ${dollars.toFixed(3)} |`,
  );
}
