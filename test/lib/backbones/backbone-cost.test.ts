import { expect, test } from 'vitest';
import { backboneCost } from '../../../lib/backbones/backbone-cost.ts';
import { catalogue } from '../../../lib/backbones/catalogue.ts';

test('every variant of the catalogue has a cost, which grows from cut to cut', () => {
  for (const { name, variants } of catalogue) {
    for (const { alpha } of variants) {
      const costs = backboneCost({ name, alpha }).cuts.map(({ multiplyAdds }) => multiplyAdds);
      expect(costs, `${name} ${alpha}`).toEqual([...costs].sort((a, b) => a - b));
    }
  }
});

test.each([
  ['vgg16', 15.3e9],
  ['resnet50', 3.9e9],
  ['efficientnet_b0', 0.39e9],
  ['mobilenet_v2', 0.3e9],
])('%s has the multiply-adds that its paper gives', (name, multiplyAdds) => {
  expect(backboneCost({ name }).total.multiplyAdds / multiplyAdds).toBeCloseTo(1, 1);
});

test('four times the pixels cost four times as much', () => {
  const small = backboneCost({ name: 'resnet50', inputSize: 112 }).total.multiplyAdds;
  expect(backboneCost({ name: 'resnet50', inputSize: 224 }).total.multiplyAdds).toBeCloseTo(4 * small);
});
