import type { Packed } from './pack.ts';

const kilobytes = (bytes: number): string =>
  `${(bytes / 1024).toLocaleString('en-US', { maximumFractionDigits: 1 })} KB`;

const COLUMNS: readonly [string, (packed: Packed) => string][] = [
  ['package', ({ name, version }) => `${name} ${version}`],
  ['tarball', ({ tarball }) => tarball],
  ['size', ({ size }) => kilobytes(size)],
  ['files', ({ files }) => String(files.length)],
  ['unpacked', ({ unpacked }) => kilobytes(unpacked)],
  ['installs', ({ installed }) => kilobytes(installed)],
];

/** A table of packages, for a terminal. */
export function tableOf(packages: readonly Packed[]): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...packages.map((each) => COLUMNS.map(([, cell]) => cell(each))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
