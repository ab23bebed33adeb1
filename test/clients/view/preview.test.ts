import { describe, expect, test } from 'vitest';
import { previewOf } from '../../../clients/view/preview.ts';
import { aMessage, aSending, inGroup } from './views.ts';

type Ending = Parameters<typeof previewOf>[1];
const nameOf = (username: string) => (username === 'bob' ? 'Bob Keller' : username);
/** As it reads. */
function read(ending: Partial<Ending>, { kind = 'private', lastSeq = 1 } = {}) {
  const { label, text } = previewOf(
    { kind: kind as 'private' | 'group', lastSeq },
    {
      ...{ draft: '', sendings: [], last: undefined, me: 'alice', nameOf },
      ...ending,
    },
  );
  return label ? `${label}: ${text}` : text;
}

describe('a preview', () => {
  test('is the last message, in a group with its sender', () => {
    const mine = aMessage(1, { sender: 'alice', recipient: 'bob' });
    expect(read({ last: aMessage(1) })).toBe('message 1');
    expect(read({ last: mine })).toBe('You: message 1');
    expect(read({ last: aMessage(1, inGroup()) }, { kind: 'group' })).toBe('Bob Keller: message 1');
    const bySystem = aMessage(1, { sender: 'system', system: true, recipient: 'alice' });
    for (const me of ['alice', 'system']) expect(read({ last: bySystem, me })).toBe('System: message 1');
    expect(read({ last: aMessage(1, { deleted: 'then', content: '' }) })).toBe('Deleted');
  });

  test('is what the user has typed, or what is not sent, with its text', () => {
    const last = aMessage(1);
    const [deletion, failed] = [
      aSending({ isDeletion: true }),
      aSending({ status: 'failed', content: 'no' }),
    ];
    expect(read({ last, sendings: [aSending()] })).toBe('Sending: hi');
    expect(read({ last, sendings: [aSending(), deletion] })).toBe('Sending: hi');
    expect(read({ last, sendings: [deletion] })).toBe('message 1');
    expect(read({ last, sendings: [failed, aSending()] })).toBe('Not sent: no');
    expect(read({ last, sendings: [failed], draft: ' half a thou' })).toBe('Draft: half a thou');
    expect(read({ last, draft: ' \n' })).toBe('message 1');
  });

  test('says what it does not know, and what is not there', () => {
    expect([read({}), read({}, { lastSeq: 0 })]).toEqual(['…', 'No messages yet']);
  });
});
