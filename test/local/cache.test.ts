import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whileUnchanged } from '../../local/cache.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'parley-kept-'));

test('what is built of sources that stay the same is kept', async () => {
  const kept = folder();
  await whileUnchanged(
    async () => kept,
    async (place) => writeFileSync(join(place, 'bundle'), ''),
  );
  expect(existsSync(join(kept, 'bundle'))).toBe(true);
});

test('what is built while a source is changed is not', async () => {
  const [kept, next] = [folder(), folder()];
  let now = kept;
  const built = whileUnchanged(
    async () => now,
    async (place) => {
      writeFileSync(join(place, 'bundle'), '');
      now = next;
    },
  );
  await expect(built).rejects.toThrow('A source was changed');
  expect([existsSync(kept), existsSync(next)]).toEqual([false, true]);
});
