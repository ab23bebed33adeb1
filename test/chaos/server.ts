import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start` in a process of its own, on one folder of data, that can be killed and started again. */
export class Server {
  readonly #data: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  /** What its functions logged as errors, by their message. */
  readonly errors = new Map<string, number>();
  kills = 0;

  constructor(data: string, port: number) {
    this.#data = data;
    this.#port = port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** @param faults as the flag takes them; absent, nothing goes wrong */
  async start(faults?: { plan: string; seed: number }): Promise<void> {
    const flags = faults ? ['--faults', faults.plan, '--seed', `${faults.seed}`] : [];
    const args = [
      '--import',
      'tsx',
      'bin/start.ts',
      '--json',
      '--port',
      `${this.#port}`,
      '--data',
      this.#data,
      ...flags,
    ];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    await new Promise<void>((ready, fail) => {
      const said: string[] = [];
      for (const stream of [child.stdout, child.stderr]) {
        createInterface(stream).on('line', (line) => {
          if (line.includes('Parley is up')) ready();
          if (said.length < 20) said.push(line);
          this.#note(line);
        });
      }
      child.once('exit', (code) => fail(new Error(`The server ended with ${code}:\n${said.join('\n')}`)));
    });
  }

  /** At once, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    this.kills++;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  #note(line: string): void {
    if (!line.includes('"level":"error"')) return;
    const { message } = JSON.parse(line) as { message: string };
    const kind = message.replace(/[\d.]+/g, 'N');
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
  }
}
