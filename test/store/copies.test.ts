import { expect, test } from 'vitest';
import { copiesIn } from '../../store/copies.ts';
import { BatchGetCommand, PutCommand } from '../../store/documents.ts';
import { mockedTable } from './mocked.ts';

const { table, mock, requests } = mockedTable();

test('claims, ends of pages and lists of messages expire in seconds since 1970, no earlier than asked', async () => {
  mock.on(PutCommand).resolves({});
  const copies = copiesIn(table);
  await copies.claim('part', 'copy', 1_700_000_000_001);
  await copies.endPage('page', 'last', 1_700_000_000_000);
  await copies.endPage('page', undefined, 1_700_000_000_000);
  const gathered = { by: 2, seqs: [2, 1] };
  await copies.gather('list', gathered, 1_700_000_000_000);
  const putting = (Item: object) => expect.objectContaining({ Item });
  expect(requests().map(([, input]) => input)).toEqual([
    putting({ id: 'part part', copy: 'copy', expires: 1_700_000_001 }),
    putting({ id: 'page page', last: 'last', expires: 1_700_000_000 }),
    putting({ id: 'page page', expires: 1_700_000_000 }),
    putting({ id: 'list list', ...gathered, expires: 1_700_000_000 }),
  ]);
});

test('a list of messages is read as it was stored; there may be none', async () => {
  const { by, seqs } = { by: 2, seqs: [2, 1] };
  mock
    .on(BatchGetCommand)
    .resolvesOnce({ Responses: { [table.name]: [{ id: 'list #team 7 0', by, seqs }] } })
    .resolves({ Responses: {} });
  const copies = copiesIn(table);
  expect(await copies.gathered('#team 7 0')).toEqual({ by, seqs });
  expect(await copies.gathered('#team 7 1')).toBeUndefined();
  const keyOf = (id: string) => ({
    RequestItems: { [table.name]: { Keys: [{ id }], ConsistentRead: true } },
  });
  expect(requests().map(([, input]) => input)).toEqual([keyOf('list #team 7 0'), keyOf('list #team 7 1')]);
});
