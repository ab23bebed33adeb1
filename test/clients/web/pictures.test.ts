import { expect, test } from 'vitest';
import { hintFor } from '../../../clients/web/src/picture-hint.ts';
import { changesOf } from '../../../clients/web/src/use-changes.ts';

test('the field says what this page does not show', () => {
  const hosts = ['https://a.example', 'https://b.example:8443'];
  const address = 'https://a.example/ada.png';
  expect(hintFor(address)).toContain('letters instead of pictures');
  expect(hintFor('')).toContain('letters instead of pictures');
  expect(hintFor('', hosts)).toBe('This page shows pictures at a.example, b.example:8443.');
  expect(hintFor(address, hosts)).toBe(hintFor('', hosts));
  expect(hintFor('https://c.example/ada.png', hosts)).toContain(
    'does not show it, only pictures at a.example',
  );
  expect(hintFor('http://a.example/ada.png', hosts)).toContain('begins with https://');
});

test('of a form only what was changed is sent, so that what came meanwhile stays', () => {
  const before = { display_name: 'Ada', avatar_url: '' };
  expect(changesOf(before, before)).toEqual({});
  expect(changesOf(before, { ...before, avatar_url: ' https://a.example/ada.png ' })).toEqual({
    avatar_url: 'https://a.example/ada.png',
  });
  expect(changesOf(before, { display_name: ' ', avatar_url: '' })).toEqual({ display_name: '' });
  expect(changesOf(before, { display_name: 'Ada ', avatar_url: ' ' })).toEqual({});
});
