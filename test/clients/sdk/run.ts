// `npm run test:client`: as test/clients/sdk/exactly-once.test.ts, but for longer.
import { number, parseOrExit, seed, text, toggle } from '../../../cli/command.ts';
import { inChromium, launched } from '../web/chromium-device.ts';
import { exactlyOnce, SERVICE_FAULTS } from './exactly-once.ts';

const { values } = parseOrExit({
  name: 'npm run test:client',
  about:
    'Sends messages through the client while its sockets are cut, and checks that each arrives once and in order.',
  flags: {
    messages: number('number of messages', { min: 1, max: 1e6, whole: true, default: 1_000 }),
    cut: number('mean lifetime of a socket, in milliseconds', { min: 1, max: 1e6, default: 100 }),
    seed: seed('the cuts and the faults'),
    faults: text(
      'LIST',
      'faults to inject into the service, in the format of npm start -- --faults',
      SERVICE_FAULTS,
    ),
    seconds: number('seconds over which the messages are spread; 0 sends all at once', {
      ...{ min: 0, max: 86_400, default: 0 },
    }),
    tokens: number('with an identity provider: lifetime of its tokens, in seconds', {
      min: 2,
      max: 86_400,
      whole: true,
    }),
    chromium: toggle('run the client in Chromium'),
  },
});

const { cut: cutEvery, chromium: inBrowser, ...options } = values;
const browser = inBrowser ? await launched() : undefined;
const progress = (line: string) => process.stderr.write(`\r${line.padEnd(100)}`);
const { sent, ...lists } = await exactlyOnce({
  ...{ ...options, cutEvery, progress },
  devices: browser && inChromium(browser),
});
await browser?.close();
process.stderr.write('\r');
const isSame = (list: string[]) => list.length === sent.length && list.every((each, at) => each === sent[at]);
const { stored, received, echoed, counts, restarts, faults } = lists;
const isRight = [stored, received, echoed].every(isSame);
console.log(`${options.messages} messages, a socket cut every ${cutEvery} ms on average, seed ${options.seed}

  stored    ${stored.length}
  received  ${received.length}
  echoed    ${echoed.length}
  each once and in order: ${isRight ? 'yes' : 'NO'}

  sockets cut ${counts.cuts}, both programs restarted ${restarts} times
  logins renewed ${counts.renewals}, commands that came too late ${counts.expired}
  in the service: ${JSON.stringify(faults)}`);
process.exitCode = isRight ? 0 : 1;
