// `npm run test:client`: as test/clients/sdk/exactly-once.test.ts, but for longer.
import { number, parseOrExit, seed, text } from '../../../cli/command.ts';
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
  },
});

const { cut: cutEvery, ...options } = values;
const progress = (line: string) => process.stderr.write(`\r${line.padEnd(100)}`);
const { sent, ...lists } = await exactlyOnce({ ...options, cutEvery, progress });
process.stderr.write('\r');
const isSame = (list: string[]) => list.length === sent.length && list.every((each, at) => each === sent[at]);
const { stored, received, echoed, cuts, restarts, faults } = lists;
const isRight = [stored, received, echoed].every(isSame);
console.log(`${options.messages} messages, a socket cut every ${cutEvery} ms on average, seed ${options.seed}

  stored    ${stored.length}
  received  ${received.length}
  echoed    ${echoed.length}
  each once and in order: ${isRight ? 'yes' : 'NO'}

  sockets cut ${cuts}, both programs restarted ${restarts} times
  in the service: ${JSON.stringify(faults)}`);
process.exitCode = isRight ? 0 : 1;
