import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

/** What one of the checks found, as the CDK reports it. */
interface PluginReport {
  pluginName: string;
  conclusion: 'success' | 'failure';
  suppressedViolations?: { ruleName: string }[];
}

/** How a synthesis went. */
interface Synthesis {
  code: number | null;
  /** Both output streams. */
  said: string;
  reports: PluginReport[];
}

/**
 * Runs `cdk synth` as a person would, validations and all, into a folder that is gone afterwards.
 * @param flags more of the CLI's flags
 */
export function synth(...flags: string[]): Promise<Synthesis> {
  const output = mkdtempSync(join(tmpdir(), 'parley-synth-'));
  // Whoever runs the tests may have switched validation off.
  const { CDK_VALIDATION: _, ...env } = process.env;
  return new Promise((done, fail) => {
    const child = spawn(
      process.execPath,
      [cdk, 'synth', '--quiet', '--no-notices', '--output', output, ...flags],
      {
        cwd: root,
        env: { ...env, CDK_DISABLE_CLI_TELEMETRY: 'true', NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.on('error', fail);
    child.on('exit', (code) => {
      const reports = reportsIn(output);
      rmSync(output, { recursive: true, force: true });
      done({ code, said, reports });
    });
  });
}

function reportsIn(output: string): PluginReport[] {
  try {
    return JSON.parse(readFileSync(join(output, 'validation-report.json'), 'utf8')).pluginReports;
  } catch {
    // An app that throws leaves none.
    return [];
  }
}
