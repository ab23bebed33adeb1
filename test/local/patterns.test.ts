import { expect, test } from 'vitest';
import { checkPattern, matches } from '../../local/events/pattern.ts';

const event = {
  source: 'chat',
  resources: ['one', 'two'],
  detail: { type: 'message.created', size: 3, to: null, sender: 'Ann', deep: { x: [1, 2] } },
};

test.each([
  [{}, true],
  [{ source: ['chat'] }, true],
  [{ source: ['other', 'chat'] }, true],
  [{ source: ['Chat'] }, false],
  [{ resources: ['two'] }, true],
  [{ resources: ['three'] }, false],
  [{ detail: { type: [{ prefix: 'message.' }] } }, true],
  [{ detail: { type: [{ prefix: 'member.' }] } }, false],
  [{ detail: { type: [{ suffix: '.created' }] } }, true],
  [{ detail: { type: [{ prefix: { 'equals-ignore-case': 'MESSAGE' } }] } }, true],
  [{ detail: { sender: [{ 'equals-ignore-case': 'aNN' }] } }, true],
  [{ detail: { sender: [{ wildcard: 'A*n' }] } }, true],
  [{ detail: { sender: [{ wildcard: 'A\\*n' }] } }, false],
  [{ detail: { type: [{ wildcard: 'message?created' }] } }, false],
  [{ detail: { type: [{ 'anything-but': 'message.deleted' }] } }, true],
  [{ detail: { type: [{ 'anything-but': ['a', 'message.created'] }] } }, false],
  [{ detail: { type: [{ 'anything-but': { prefix: 'message' } }] } }, false],
  [{ detail: { type: [{ 'anything-but': { suffix: ['.deleted', '.edited'] } }] } }, true],
  [{ detail: { missing: [{ 'anything-but': 'x' }] } }, false],
  [{ detail: { size: [{ numeric: ['>', 0, '<=', 3] }] } }, true],
  [{ detail: { size: [{ numeric: ['>', 3] }] } }, false],
  [{ detail: { sender: [{ numeric: ['>', 0] }] } }, false],
  [{ detail: { to: [null] } }, true],
  [{ detail: { size: [3] } }, true],
  [{ detail: { size: ['3'] } }, false],
  [{ detail: { size: [{ exists: true }], missing: [{ exists: false }] } }, true],
  [{ detail: { missing: { deeper: [{ exists: false }] } } }, true],
  // `exists` knows leaves only.
  [{ detail: { deep: [{ exists: true }] } }, false],
  [{ detail: { deep: { x: [2] } } }, true],
  [{ source: ['chat'], detail: { sender: ['Bob'] } }, false],
  [{ $or: [{ source: ['other'] }, { detail: { sender: ['Ann'] } }] }, true],
  [{ $or: [{ source: ['other'] }, { detail: { sender: ['Bob'] } }] }, false],
])('%j: %s', (pattern, expected) => {
  checkPattern(pattern);
  expect(matches(pattern, event)).toBe(expected);
});

test.each([
  [{ source: [{ cidr: '10.0.0.0/8' }] }, 'does not support cidr'],
  [{ detail: { x: [{ contains: 'a' }] } }, 'does not support contains'],
  [{ detail: { x: [{ numeric: ['~', 1] }] } }, 'does not support numeric ~'],
  [{ detail: { x: [{ numeric: ['>', 0, '~', 1] }] } }, 'does not support numeric ~'],
  [{ $or: [{ source: [{ cidr: 'x' }] }] }, 'does not support cidr'],
  [{ source: 'chat' }, 'source is no list'],
])('%j is refused when the template is read', (pattern, complaint) => {
  expect(() => checkPattern(pattern as never)).toThrow(complaint);
});
