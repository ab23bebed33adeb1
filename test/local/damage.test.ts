import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkFolder } from '../../local/engine/folder.ts';
import { openStore, type Store } from '../../local/engine/store.ts';
import { tempFolder } from './stack.ts';

const ITEMS = 4_000;
const create = {
  TableName: 'Things',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};
const itemOf = (index: number) => ({ id: { S: `${index}` }, text: { S: `${index} `.repeat(400) } });
const whole = tempFolder();

/** Opens a folder as the engine does. */
async function open(folder: string, acceptDamage = false): Promise<Store & { notice?: string }> {
  const { acknowledged, notice } = await checkFolder(folder, acceptDamage);
  const store = openStore(folder, { wrote: (count) => acknowledged.add(count) });
  await store.ready();
  await store.call('CreateTable', create);
  const describeTable = () => store.call('DescribeTable', { TableName: 'Things' });
  while (((await describeTable()).body.Table as { TableStatus: string }).TableStatus !== 'ACTIVE')
    await new Promise(setImmediate);
  const close = async () => {
    await store.close();
    acknowledged.close();
  };
  return { ...store, notice, close };
}

async function idsIn(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for (let from: unknown, more = true; more; more = from !== undefined) {
    const page = { TableName: 'Things', ...(from ? { ExclusiveStartKey: from } : {}) };
    const { body } = await store.call('Scan', page);
    const items = (body.Items ?? []) as ReturnType<typeof itemOf>[];
    for (const item of items) expect(item).toEqual(itemOf(Number(item.id.S)));
    ids.push(...items.map(({ id }) => id.S));
    from = body.LastEvaluatedKey;
  }
  return ids;
}

beforeAll(async () => {
  const store = await open(whole);
  for (let index = 0; index < ITEMS; index += 25) {
    const requests = Array.from({ length: 25 }, (_, at) => ({ PutRequest: { Item: itemOf(index + at) } }));
    const { status } = await store.call('BatchWriteItem', { RequestItems: { Things: requests } });
    expect(status).toBe(200);
  }
  await store.close();
  const kinds = new Set(readdirSync(whole).map((name) => name.replace(/^\d+/, '').replace(/-\d+$/, '')));
  expect([...kinds]).toEqual(expect.arrayContaining(['.ldb', '.log', 'CURRENT', 'MANIFEST', 'ACKNOWLEDGED']));
});

function copy(): string {
  const folder = join(tempFolder(), 'data');
  cpSync(whole, folder, { recursive: true });
  return folder;
}

/** The newest file of a kind. */
function fileIn(folder: string, kind: RegExp): string {
  const name = readdirSync(folder)
    .filter((each) => kind.test(each))
    .sort()
    .at(-1);
  return join(folder, name ?? expect.fail(`There is no ${kind}`));
}

/** @param part where in the file: 0 at its beginning, 1 at its end */
const flip = (kind: RegExp, part: number) => (folder: string) => {
  const path = fileIn(folder, kind);
  const bytes = readFileSync(path);
  const at = Math.min(bytes.length - 1, Math.floor(bytes.length * part));
  bytes[at] = (bytes[at] as number) ^ 0x04;
  writeFileSync(path, bytes);
};
const cut = (kind: RegExp, part: number) => (folder: string) => {
  const path = fileIn(folder, kind);
  truncateSync(path, Math.floor(readFileSync(path).length * part));
};
const remove = (kind: RegExp) => (folder: string) => rmSync(fileIn(folder, kind));

const [LOG, TABLE, MANIFEST, CURRENT, ACKNOWLEDGED] = [/\.log$/, /\.ldb$/, /^MANIFEST/, /^CURRENT/, /^ACK/];
const checksum = /\.log has a wrong checksum at byte \d+|the last \d+ of \d+ writes are missing/;
const damages: [what: string, harm: (folder: string) => void, said: RegExp][] = [
  ['a byte flipped at the beginning of the log', flip(LOG, 0), checksum],
  ['a byte flipped in the middle of the log', flip(LOG, 1 / 2), checksum],
  ['a byte flipped in the last entry of the log', flip(LOG, 0.9999), checksum],
  ['a log cut off at 70 %', cut(LOG, 0.7), /the last \d+ of \d+ writes are missing/],
  ['an empty log', cut(LOG, 0), /the last \d+ of \d+ writes are missing/],
  ['no log', remove(LOG), /\d+\.log is missing/],
  ['a byte flipped in a table', flip(TABLE, 1 / 3), /\.ldb has a wrong checksum in the block at byte \d+/],
  ['a byte flipped in the index of a table', flip(TABLE, 0.998), /\.ldb has/],
  ['a byte flipped in the last of a table', flip(TABLE, 1), /\.ldb does not end as it should/],
  ['a table cut off', cut(TABLE, 0.9), /\.ldb has \d+ bytes of \d+/],
  ['no table', remove(TABLE), /\.ldb is missing/],
  ['a byte flipped in the manifest', flip(MANIFEST, 0.3), /MANIFEST-\d+ has a wrong checksum/],
  [
    'a manifest that ends too early',
    (folder) =>
      truncateSync(fileIn(folder, MANIFEST), 7 + readFileSync(fileIn(folder, MANIFEST)).readUInt16LE(4)),
    /lacks the writes from 1 on|\.log is missing|writes are missing/,
  ],
  ['no manifest', remove(MANIFEST), /MANIFEST-\d+ is missing/],
  ['a byte flipped in CURRENT', flip(CURRENT, 0.9), /MANIFEST-\d+ is missing|CURRENT names no manifest/],
  ['no CURRENT', remove(CURRENT), /CURRENT is missing/],
  ['a byte flipped in ACKNOWLEDGED', flip(ACKNOWLEDGED, 0.5), /ACKNOWLEDGED.* is not readable/],
];

/** Names and contents, but for LevelDB's lock and its diary. */
const filesIn = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !/^LO/.test(name))
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  );

describe.each(damages)('%s', (_, harm, said) => {
  test('is reported, and nothing is changed', async () => {
    const folder = copy();
    harm(folder);
    const before = filesIn(folder);
    const refusal = await checkFolder(folder, false).catch((error: Error) => error.message);
    expect(refusal).toMatch(said);
    expect(refusal).toContain(`The data in ${folder} is damaged: `);
    expect(refusal).toContain('npm start -- --accept-damage');
    expect(filesIn(folder)).toEqual(before);
  });

  test('can be accepted: readable data is served, later starts report nothing, and a copy is kept', async () => {
    const folder = copy();
    harm(folder);
    const before = filesIn(folder);
    const store = await open(folder, true);
    expect(store.notice).toMatch(said);
    const left = await idsIn(store);
    await store.close();
    expect(left.length).toBeGreaterThan(0);
    expect(filesIn(`${folder}.damaged`)).toEqual(before);
    const again = await open(folder);
    expect(again.notice).toBeUndefined();
    expect(await idsIn(again)).toEqual(left);
    await again.close();
  });
});

test('undamaged data opens completely', async () => {
  const store = await open(copy());
  expect(store.notice).toBeUndefined();
  expect(await idsIn(store)).toHaveLength(ITEMS);
  await store.close();
});

test.each([1, 6, 7, 100])(
  'a last write of which a killed process wrote %i bytes is not damage',
  async (bytes) => {
    const folder = copy();
    const path = fileIn(folder, LOG);
    const log = readFileSync(path);
    // A header that promises more than there is, and no more than fits into its block.
    const room = 32_768 - (log.length % 32_768);
    const record = Buffer.alloc(Math.min(300, room), room < 7 ? 0 : 1);
    if (room >= 7) record.writeUInt16LE(record.length - 7, 4);
    writeFileSync(path, Buffer.concat([log, record.subarray(0, Math.min(bytes, record.length - 1))]));
    const store = await open(folder);
    expect(await idsIn(store)).toHaveLength(ITEMS);
    await store.close();
  },
);

test('data that never counted its writes opens, and counts them from then on', async () => {
  const folder = copy();
  rmSync(join(folder, 'ACKNOWLEDGED'));
  await (await open(folder)).close();
  cut(LOG, 0.7)(folder);
  remove(LOG)(folder);
  await expect(checkFolder(folder, false)).rejects.toThrow('is damaged');
});

test('a single changed byte is reported, or changes nothing, wherever it is', async () => {
  const folder = copy();
  const all = readdirSync(folder).filter((name) => !/^LO/.test(name));
  const sizes = all.map((name) => [name, readFileSync(join(folder, name)).length] as const);
  const place = fc
    .constantFrom(...sizes)
    .chain(([name, size]) => fc.tuple(fc.constant(name), fc.nat(size - 1)));
  const silent: string[] = [];
  const property = fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async ([name, at], mask) => {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    const was = bytes[at] as number;
    bytes[at] = was ^ mask;
    writeFileSync(path, bytes);
    const said = await checkFolder(folder, false).then(
      ({ acknowledged }) => acknowledged.close(),
      (error: Error) => error.message,
    );
    bytes[at] = was;
    writeFileSync(path, bytes);
    // Blocks and footers are filled up with zeroes, which nobody reads.
    if (said === undefined && was !== 0) silent.push(`${name} at ${at}`);
  });
  await fc.assert(property, { numRuns: 100 });
  expect(silent).toEqual([]);
});
