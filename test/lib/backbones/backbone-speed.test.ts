import { expect, test } from 'vitest';
import { backboneMilliseconds, backboneSpeed } from '../../../lib/backbones/backbone-speed.ts';
import measured from '../../../lib/backbones/catalogue/speeds.generated.json' with { type: 'json' };
import { catalogue } from '../../../lib/backbones/catalogue.ts';

test('what was measured is in the catalogue, each once', () => {
  const names = measured.backbones.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  expect(names.filter((name) => !catalogue.some((row) => row.name === name))).toEqual([]);
});

test.each([
  ['efficientnet_lite0', 'fast'],
  ['efficientnet_b3', 'medium'],
  ['efficientnet_b7', 'slow'],
])('%s is %s', (name, speed) => {
  expect(backboneSpeed(name)?.class).toBe(speed);
});

test('a backbone that was never measured has neither class nor milliseconds', () => {
  expect(backboneSpeed('own')).toBeUndefined();
  expect(backboneMilliseconds({ name: 'own' })).toBeUndefined();
});

test('milliseconds grow with the pixels, and fall with the width', () => {
  const usual = backboneMilliseconds({ name: 'mobilenet_v2' }) ?? Number.NaN;
  expect(usual).toBeCloseTo(1000 / (backboneSpeed('mobilenet_v2')?.imagesPerSecond ?? Number.NaN), 10);
  expect(backboneMilliseconds({ name: 'mobilenet_v2', inputSize: [112, 112] })).toBeCloseTo(usual / 4, 10);
  expect(backboneMilliseconds({ name: 'mobilenet_v2', alpha: 0.5 })).toBeLessThan(usual / 2);
});
