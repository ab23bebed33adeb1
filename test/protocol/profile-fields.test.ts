import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkFields,
  getProfiles,
  limits,
  readFrame,
  setProfile,
  updateGroup,
  writeReply,
} from '../../protocol/index.ts';
import { anyText } from './any-text.ts';
import { refusalOf } from './refusal.ts';

const set = (input: Record<string, unknown>) => checkFields(setProfile, input);
const refused = (input: Record<string, unknown>) => refusalOf(() => set(input));

describe('a display name', () => {
  test.each([
    'Ada',
    'Łukasz Żółć',
    'محمد علي',
    'דוד',
    '王小明',
    'नमस्ते',
    '👩‍🚀',
    "O'Brien <b>",
    'C# fan',
    '𝒜𐐀',
    'نیم\u200Cفاصله',
    '🏴\u{E0067}\u{E0062}\u{E007F}',
    'x'.repeat(100),
    '𝒳'.repeat(100),
    '',
  ])('may be %s', (display_name) => expect(set({ display_name })).toEqual({ display_name }));

  test.each([
    ['too long', 'x'.repeat(limits.displayName + 1)],
    ['of a line break', 'Ada\nadmin'],
    ['of an escape sequence', 'Ada\u001b[2J'],
    ['of a C1 control', 'Ada\u009b2J'],
    ['of a line separator', 'Ada\u2028'],
    ['turned round', '\u202Eada'],
    ['in an isolate', '\u2066ada\u2069'],
    ['of a mark of direction', 'ada\u200F'],
    ['of spaces', '   '],
    ['invisible', '\u200B\u200D'],
    ['made of blank letters', '\u3164\u115F\uFFA0'],
    ['an empty Braille cell', '\u2800'],
    ['like a group', '#team'],
    ['like a group, in full width', '\uFF03team'],
    ['like a group, behind what nobody sees', '\u200B \uFE5Fteam'],
    ['half a character', 'Ada \uD83D'],
  ])('is refused if it is %s', (_, display_name) => {
    expect(refused({ display_name })).toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('"display_name"'),
    });
  });

  test('that is taken is shown as it is, in one line', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 120 }), (display_name) => {
        if (refused({ display_name })) return;
        const profile = { username: 'ann', display_name };
        const line = writeReply(getProfiles, 'text', { profiles: [profile] }, undefined, {
          usernames: ['ann'],
        });
        expect(line).toBe(`get_profiles_success\nann display_name ${display_name}`);
      }),
    );
  });
});

test('a title is no name of another group, but a topic may begin with #', () => {
  const update = (fields: object) => () => checkFields(updateGroup, { group_id: 'team', ...fields });
  expect(refusalOf(update({ title: '#other' }))).toMatchObject({ code: 'bad_request' });
  expect(update({ topic: '#1 in chess' })()).toMatchObject({ topic: '#1 in chess' });
});

test.each([
  ['http://example.com/a.png'],
  ['javascript:alert(1)'],
  ['data:image/png;base64,xx'],
  ['https://'],
  ['https://example.com/a b'],
  ['https://exämple.com/'],
  [`https://example.com/${'x'.repeat(limits.urlLength)}`],
  ['//example.com/a.png'],
])('a picture is not at %s', (avatar_url) => {
  expect(refused({ avatar_url })).toMatchObject({
    code: 'bad_request',
    message: expect.stringContaining('"avatar_url"'),
  });
});

test('a picture is at an https URL', () => {
  const avatar_url = 'https://example.com/a.png?size=2&x=%20#f';
  expect(set({ avatar_url })).toEqual({ avatar_url });
});

test('data is an object of so many bytes of JSON, and not a list or a word', () => {
  const data = { x: '王'.repeat((limits.profileBytes - 8) / 3) };
  expect(set({ data })).toEqual({ data });
  expect(refused({ data: { x: `${data.x}xxx` } })).toMatchObject({ code: 'bad_request' });
  for (const wrong of [[], 'x', 7, true])
    expect(refused({ data: wrong })).toMatchObject({ code: 'bad_request' });
  // What is null is as if it were absent, like in every command.
  expect(set({ data: null, display_name: null })).toEqual({});
});

test('in text a display name is the rest of the line, and none removes it', () => {
  const read = (line: string) => {
    const { input, problem } = readFrame(line);
    expect(problem).toBeUndefined();
    return set(input);
  };
  expect(read('set_profile Ada  Lovelace')).toEqual({ display_name: 'Ada  Lovelace' });
  expect(read('set_profile')).toEqual({ display_name: '' });
});

test.each([
  ['open', { invite_only: false }],
  ['invite_only', { invite_only: true }],
  ['title Our Team', { title: 'Our Team' }],
  ['topic', { topic: '' }],
  ['avatar_url https://a', { avatar_url: 'https://a' }],
  ['', {}],
])('in text a group is updated by: update_group team %s', (words, fields) => {
  const { input, problem } = readFrame(`update_group team ${words}`);
  expect(problem).toBeUndefined();
  expect(checkFields(updateGroup, input)).toEqual({ group_id: 'team', ...fields });
});

test.each(['closed', 'open please', 'invite_only title x'])('and not by: update_group team %s', (words) => {
  const { input } = readFrame(`update_group team ${words}`);
  expect(refusalOf(() => checkFields(updateGroup, input))).toMatchObject({ code: 'bad_request' });
});
