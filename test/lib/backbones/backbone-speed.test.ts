import { expect, test } from 'vitest';
import { backboneSpeed } from '../../../lib/backbones/backbone-speed.ts';
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

test('a backbone that was never measured has no class', () => {
  expect(backboneSpeed('own')).toBeUndefined();
});
