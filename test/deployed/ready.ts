import { commands } from '../../protocol/index.ts';
import { Probe } from './probe.ts';

const PAUSE_MS = 1_000;

/**
 * Waits until each route answers by its function, and not by the gateway, whose error frames echo no `request_id`.
 * @param patience milliseconds
 * @throws Error that names the first route that does not
 */
export async function untilReady(url: string, patience: number): Promise<void> {
  const late = Date.now() + patience;
  for (const type of [...commands.map((command) => command.type), 'no such type']) {
    let problem = await problemOf(url, type);
    while (problem !== undefined && Date.now() < late) {
      await new Promise((done) => setTimeout(done, PAUSE_MS));
      problem = await problemOf(url, type);
    }
    if (problem !== undefined) throw new Error(`The route of ${type} does not answer: ${problem}`);
  }
}

/**
 * Checks that there is a service at the given address.
 * @throws Error that says why not
 */
export async function reach(url: string): Promise<void> {
  const probe = new Probe(url);
  try {
    await probe.open();
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new Error(`--url ${url}: cannot connect: ${message || code}`);
  } finally {
    probe.end();
  }
}

async function problemOf(url: string, type: string): Promise<string | undefined> {
  const probe = new Probe(url);
  try {
    await probe.open();
    return (await probe.ask({ type })) ? undefined : (probe.arrivals.at(-1)?.text ?? 'silence');
  } catch (error) {
    return (error as Error).message;
  } finally {
    probe.end();
  }
}
