import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeInto } from '../../lib/synthesized.ts';
import type { Context } from './contexts.ts';

/** Synthesizes the system. @returns the folder, and how to end it */
export function synthesize(context: Context): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'parley-assembly-'));
  synthesizeInto(folder, context);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
