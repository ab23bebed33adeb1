import { expect, test } from 'vitest';
import { type Picture, pictureAt } from '../../../clients/view/pictures.ts';

const hosts = ['https://pictures.example', 'https://cdn.example:8443'];

test.each<[string, Picture]>([
  ['', 'none'],
  ['https://pictures.example/a.png?size=64#x', 'shown'],
  ['HTTPS://Pictures.Example:443/a.png', 'shown'],
  ['https://cdn.example:8443/a.svg', 'shown'],
  ['https://cdn.example/a.svg', 'elsewhere'],
  ['https://pictures.example.evil.example/a.png', 'elsewhere'],
  ['https://pictures.example@evil.example/a.png', 'elsewhere'],
  ['https://evil.example/https://pictures.example/', 'elsewhere'],
  ['https://a.pictures.example/a.png', 'elsewhere'],
  ['http://pictures.example/a.png', 'invalid'],
  ['data:image/png;base64,AA', 'invalid'],
  ['javascript:alert(1)', 'invalid'],
  ['//pictures.example/a.png', 'invalid'],
  ['pictures.example/a.png', 'invalid'],
  ['https://', 'invalid'],
])('of %j is %s', (address, picture) => {
  expect(pictureAt(address, hosts)).toBe(picture);
});

test('without hosts none is shown, and a host that is no address shows none', () => {
  expect(pictureAt('https://pictures.example/a.png')).toBe('elsewhere');
  expect(pictureAt('https://pictures.example/a.png', ['*', 'pictures.example'])).toBe('elsewhere');
});
