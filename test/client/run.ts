// `npm run test:client`: as test/client/exactly-once.test.ts, but for longer.
import { parseArgs } from 'node:util';
import { exactlyOnce, SERVICE_FAULTS } from './exactly-once.ts';

const HELP = `Sends messages through the client while its sockets are cut; then the record says whether each arrived once, in order.

  npm run test:client -- [options]

  --messages N  how many (1000)
  --cut N       milliseconds that a socket lives on average (100)
  --seed N      of the cuts and the faults (1)
  --faults LIST what goes wrong in the service, as npm start -- --faults takes it
  --help        print this`;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000' },
    cut: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: SERVICE_FAULTS },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const [messages, cutEvery, seed] = [values.messages, values.cut, values.seed].map(Number) as [
    number,
    number,
    number,
  ];
  const progress = (line: string) => process.stderr.write(`\r${line.padEnd(100)}`);
  const { sent, ...lists } = await exactlyOnce({ messages, cutEvery, seed, faults: values.faults, progress });
  process.stderr.write('\r');
  const isSame = (list: string[]) =>
    list.length === sent.length && list.every((each, at) => each === sent[at]);
  const { stored, received, echoed, cuts, restarts, faults } = lists;
  const isRight = [stored, received, echoed].every(isSame);
  console.log(`${messages} messages, a socket cut every ${cutEvery} ms on average, seed ${seed}

  stored    ${stored.length}
  received  ${received.length}
  echoed    ${echoed.length}
  each once and in order: ${isRight ? 'yes' : 'NO'}

  sockets cut ${cuts}, both programs restarted ${restarts} times
  in the service: ${JSON.stringify(faults)}`);
  process.exitCode = isRight ? 0 : 1;
}
