import { expect, test } from 'vitest';
import { RequestError } from '../../../clients/sdk/chat.ts';
import { between } from '../../../clients/view/between.ts';
import { aMessage } from './views.ts';

/** A service that answers with these, one after the other. */
function service(...answers: (object | Error)[]) {
  const asked: object[] = [];
  const request = async (each: object): Promise<never> => {
    asked.push(each);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer as never;
  };
  return { chat: { request }, asked };
}

const part = { after: 3, before: 90, limit: 20 };

test('a page between two seqs is asked for, and only messages are believed', async () => {
  const { chat, asked } = service({ messages: [aMessage(4), { seq: 5 }, null] });
  expect(await between(chat, { user: 'bob' }, part)).toEqual({ messages: [aMessage(4)], hasMore: false });
  expect(asked).toEqual([
    { type: 'fetch_history', recipient: 'bob', after_seq: 3, before_seq: 90, limit: 20 },
  ]);
});

test('an empty page is no end while there is another, as after very many edits', async () => {
  const { chat, asked } = service(
    { messages: [], next: { after_seq: 60 } },
    { messages: [aMessage(61)], next: { after_seq: 61 } },
  );
  expect(await between(chat, { group: 'team' }, part)).toEqual({ messages: [aMessage(61)], hasMore: true });
  expect(asked.at(-1)).toMatchObject({ group_id: 'team', after_seq: 60, before_seq: 90 });
  // One that begins where the last did would go on for ever.
  const stuck = service({ messages: [], next: { after_seq: 3 } });
  expect(await between(stuck.chat, { user: 'bob' }, part)).toEqual({ messages: [], hasMore: false });
});

test('the newest before a seq are asked for downwards', async () => {
  const { chat, asked } = service(
    { messages: [], next: { before_seq: 60 } },
    { messages: [aMessage(58), aMessage(59)], next: { before_seq: 58 } },
  );
  expect(await between(chat, { user: 'bob' }, { ...part, after: undefined })).toEqual({
    messages: [aMessage(58), aMessage(59)],
    hasMore: true,
  });
  expect(asked).toMatchObject([{ before_seq: 90 }, { after_seq: undefined, before_seq: 60 }]);
});

test('what fails for a moment is tried again, and what is refused is not', async () => {
  const busy = new RequestError('busy', 'Later.', 1);
  const { chat } = service(busy, { messages: [aMessage(4)] });
  expect(await between(chat, { user: 'bob' }, part)).toMatchObject({ messages: [aMessage(4)] });
  const refused = service(new RequestError('not_a_member', 'No.'));
  await expect(between(refused.chat, { group: 'team' }, part)).rejects.toMatchObject({
    code: 'not_a_member',
  });
  expect(refused.asked).toHaveLength(1);
});
