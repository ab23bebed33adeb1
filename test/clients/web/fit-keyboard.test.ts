import { expect, test } from 'vitest';
import { fitKeyboard } from '../../../clients/web/src/fit-keyboard.ts';

test('a page ends above a keyboard that lies over it, and above nothing else', () => {
  const viewport = Object.assign(new EventTarget(), { height: 800, scale: 1 });
  const style = { height: '' };
  const scrolls: number[] = [];
  const window = {
    visualViewport: viewport,
    innerHeight: 800,
    scrollTo: (_: number, y: number) => void scrolls.push(y),
  };
  fitKeyboard({ style }, window);
  const heightAt = (now: Partial<typeof viewport>, innerHeight = 800) => {
    Object.assign(viewport, { scale: 1, ...now });
    window.innerHeight = innerHeight;
    viewport.dispatchEvent(new Event('resize'));
    return style.height;
  };
  expect(heightAt({ height: 480 })).toBe('480px');
  expect(scrolls).toEqual([0]);
  expect(heightAt({ height: 800 })).toBe('');
  // A bar, a zoom by two fingers, and a browser that has made the page smaller itself.
  expect([
    heightAt({ height: 740 }),
    heightAt({ height: 400, scale: 2 }),
    heightAt({ height: 480 }, 480),
  ]).toEqual(['', '', '']);
  expect(scrolls).toEqual([0]);
  expect(() => fitKeyboard({ style }, { ...window, visualViewport: null })).not.toThrow();
});
