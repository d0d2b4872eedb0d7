import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OPACITY } from '../../../console/map-geometry.ts';
import { root } from '../../support/docs/pages.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** The colours of a theme by their names. */
function coloursOf(theme: 'light' | 'dark'): Map<string, Colour> {
  const tokens = readFileSync(join(root, 'console/style/tokens.css'), 'utf8');
  const found = tokens.matchAll(/--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\);/g);
  return new Map([...found].map(([, name = '', light = '', dark = '']) => [name, parse(theme === 'light' ? light : dark)]));
}

function parse(hex: string): Colour {
  const [red = 0, green = 0, blue = 0] = hex.match(/../g)?.map((digits) => Number.parseInt(digits, 16)) ?? [];
  return [red, green, blue];
}

/** Relative luminance by WCAG 2. */
function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: Colour, b: Colour): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (light + 0.05) / (dark + 0.05);
}

/** A colour that is drawn on another one. */
function over([red, green, blue]: Colour, [red0, green0, blue0]: Colour, opacity: number): Colour {
  const mix = (above: number, below: number) => opacity * above + (1 - opacity) * below;
  return [mix(red, red0), mix(green, green0), mix(blue, blue0)];
}

/** What WCAG 2 asks of anything but text (1.4.11), which axe does not check. */
const LEAST = 3;

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  const colours = coloursOf(theme);
  const of = (name: string): Colour => {
    const colour = colours.get(name);
    if (colour === undefined) throw new Error(`tokens.css has no colour ${name}`);
    return colour;
  };

  test.each(['panel', 'background', 'sunken'])('the border of a control stands out from %s', (around) => {
    expect(contrast(of('line-control'), of(around))).toBeGreaterThanOrEqual(LEAST);
  });

  test.each(['none', 1, 2, 3, 4, 5, 6, 7, 8, 9])('a point of class %s stands out from the map', (name) => {
    const point = over(of(`class-${name}`), of('background'), OPACITY.all);
    expect(contrast(point, of('background'))).toBeGreaterThanOrEqual(LEAST);
  });
});
