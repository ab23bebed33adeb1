import { beforeEach, expect, test } from 'vitest';
import type { LogEntry } from '../../chat/ports.ts';
import { withTexts } from '../../chat/texts.ts';
import { type Service, service } from '../support/chat.ts';

let chat: Service;
beforeEach(() => {
  chat = service();
});

const write = (what: Partial<LogEntry>) =>
  chat.write({ chat: '#team', sender: 'ann', content: '', ...what } as Parameters<Service['write']>[0]);
const handedOut = async (...entries: LogEntry[]) =>
  (await withTexts(chat.ports.history, entries)).map(({ seq, content, edits, deletes }) => ({
    seq,
    content,
    edits,
    deletes,
  }));

test('an edit has the text that its message has now', async () => {
  const message = await write({ content: 'frist' });
  const edit = await write({ edits: 1 });
  await chat.ports.history.edit('#team', 1, 'first', 'm', 5);
  expect(await handedOut(message, edit)).toEqual([
    { seq: 1, content: 'frist' },
    { seq: 2, content: 'first', edits: 1 },
  ]);
});

test('behind a deletion whose text is just about to go, it is that deletion', async () => {
  await write({ content: 'a secret' });
  const deletion = await write({ deletes: 1 });
  const edit = await write({ edits: 1 });
  const gone = [
    { seq: 2, content: '', deletes: 1 },
    { seq: 3, content: '', deletes: 1 },
  ];
  expect(await handedOut(deletion, edit)).toEqual(gone);
  await chat.ports.history.erase('#team', 1, 9);
  expect(await handedOut(deletion, edit)).toEqual(gone);
});

test.each([
  ['one before it', undefined, 1],
  ['a later one', 1, undefined],
])("it has no text of another group's, though that had the name: %s", async (_, ofMessage, ofEdit) => {
  await write({ content: 'a secret', generation: ofMessage });
  const edit = await write({ edits: 1, generation: ofEdit });
  expect(await handedOut(edit)).toEqual([{ seq: 2, content: '', deletes: 1 }]);
});
