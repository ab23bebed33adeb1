import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';
import { program } from './programs.ts';
import { pushService } from './push-service.ts';

const KEY = 'secret';

/** The backend of `examples/web-push`, in a process of its own, with a push service that it may post to. */
export async function pushBackend() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  const service = await pushService();
  const port = await freePort();
  const url = `http://localhost:${port}`;
  let child: ChildProcess | undefined;
  return {
    ...{ url, service, key: KEY },
    /** The home of its user, where services on this machine say how to reach them. */
    home: folder,
    /** Where it takes events. */
    events: `${url}/events?key=${KEY}`,
    /** @param chatPage where a notification leads to */
    async start(chatPage: string): Promise<void> {
      const args = [String(port), chatPage, join(folder, 'state.json')];
      const started = spawn(process.execPath, [program('examples/web-push/backend.ts'), ...args], {
        env: {
          ...process.env,
          ...{
            NODE_EXTRA_CA_CERTS: service.certificate,
            PUSH_HOST: service.host,
            EVENTS_KEY: KEY,
            HOME: folder,
          },
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = started;
      for await (const line of createInterface(started.stdout)) if (line.startsWith('Then open ')) return;
      throw new Error('It has ended');
    },
    async stop(): Promise<void> {
      child?.kill();
      if (child) await once(child, 'exit');
    },
    close(): void {
      child?.kill();
      service.close();
      rmSync(folder, { recursive: true });
    },
  };
}
