import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ensurePage } from '../../../bin/page.ts';

test('the page has at most 70 KB of script, gzipped', async () => {
  const { folder } = await ensurePage();
  const scripts = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'));
  expect(scripts).not.toEqual([]);
  const bytes = scripts.reduce(
    (sum, name) => sum + gzipSync(readFileSync(join(folder, 'assets', name))).length,
    0,
  );
  expect(bytes).toBeLessThanOrEqual(70 * 1024);
});

test('the page that is tested is the one that is deployed: nothing of this machine is in it', async () => {
  const { folder } = await ensurePage();
  for (const name of readdirSync(join(folder, 'assets')))
    expect(readFileSync(join(folder, 'assets', name), 'utf8')).not.toContain('clients/web/src');
});

test('the page needs nothing that its content security policy forbids', async () => {
  const { folder, headers } = await ensurePage();
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:/);
  expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/);
});
