import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../../../src-renderer/styles/tokens.css'), 'utf8');
const COLOUR = /--color-([\w-]+):\s*light-dark\(\s*(#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\s*\)/gu;
/** Values for high contrast follow, which have pairs of their own. */
const ordinary = css.slice(0, css.indexOf('@media'));
const tokens = new Map(
  [...ordinary.matchAll(COLOUR)].map(([, name = '', light = '', dark = '']) => [name, { light, dark }]),
);

/** @see WCAG 2.2, relative luminance */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(front: string, back: string): number {
  const [dark = 0, light = 0] = [luminance(front), luminance(back)].sort((one, other) => one - other);
  return (light + 0.05) / (dark + 0.05);
}

const READING = ['surface', 'canvas', 'sunken', 'raised', 'hover', 'stripe'];
const TINTS = ['ok-tint', 'warn-tint', 'danger-tint', 'info-tint', 'neutral-tint'];
const pairs: readonly { readonly front: string; readonly backs: readonly string[]; readonly least: number }[] = [
  { front: 'text', backs: [...READING, ...TINTS, 'selected', 'pressed'], least: 7 },
  { front: 'text-2', backs: [...READING, ...TINTS, 'selected'], least: 4.5 },
  { front: 'text-3', backs: READING, least: 4.5 },
  { front: 'accent', backs: [...READING, 'selected'], least: 4.5 },
  { front: 'on-accent', backs: ['accent-fill', 'accent-fill-hover'], least: 4.5 },
  { front: 'on-danger', backs: ['danger-fill', 'danger-fill-hover'], least: 4.5 },
  ...['ok', 'warn', 'danger'].map((front) => ({
    front,
    backs: ['surface', 'canvas', 'raised', `${front}-tint`],
    least: 4.5,
  })),
  { front: 'info', backs: ['surface', 'canvas', 'raised', 'info-tint'], least: 4.5 },
  { front: 'neutral', backs: ['neutral-tint'], least: 4.5 },
  ...['vpc', 'nat', 'pub'].map((front) => ({ front, backs: ['surface', 'sunken', 'canvas', 'hover'], least: 4.5 })),
  ...['field', 'keyword', 'function', 'string', 'number', 'operator', 'comment'].map((kind) => ({
    front: `syntax-${kind}`,
    backs: ['surface'],
    least: 4.5,
  })),
  { front: 'syntax-error', backs: ['surface'], least: 3 },
  { front: 'control', backs: ['surface', 'canvas', 'raised'], least: 3 },
  { front: 'focus', backs: [...READING, 'selected'], least: 3 },
  ...['chart-1', 'chart-2', 'chart-count'].map((front) => ({ front, backs: ['surface'], least: 3 })),
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(pairs)('$front can be told from what is behind it ($least)', ({ front, backs, least }) => {
    const tooFaint = backs.filter((back) => {
      const [text, ground] = [tokens.get(front)?.[theme], tokens.get(back)?.[theme]];
      if (text === undefined || ground === undefined) throw new Error(`no token ${front} or ${back}`);
      return contrast(text, ground) < least;
    });
    expect(tooFaint).toEqual([]);
  });
});

test('black on white is 21', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
});

test('a window that has not painted yet has the colour of the page', () => {
  const source = readFileSync(join(import.meta.dirname, '../../../src-main/app/main-window.ts'), 'utf8');
  const [, light, dark] = /const CANVAS = \{ light: '(#\w+)', dark: '(#\w+)' \}/.exec(source) ?? [];
  expect({ light, dark }).toEqual(tokens.get('canvas'));
});
