import { expect, test } from 'vitest';
import { HeadSpec } from '../../../lib/contracts/head-spec.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { canTrainInParallel, isConvex } from '../../../lib/heads/head-properties.ts';
import { headLayers } from '../../../lib/heads/presets.ts';

test.each([
  ['a linear head', 'linear', {}, true],
  ['a head with a hidden layer', 'mlp', {}, false],
  ['directions, which share a scale', 'cosine', {}, false],
  ['a gradient that is clipped as a whole', 'linear', { optimizer: { name: 'adam', globalClipNorm: 1 } }, false],
  ['mixtures', 'linear', { mix: { name: 'mixup' } }, false],
  ['weighted classes', 'linear', { classWeights: 'balanced' }, false],
])('%s trains side by side: %s %j, %s', (_, preset, training, expected) => {
  const parsed = JobSpec.parse({ name: 'a', dataset: 'a', head: preset, training });
  const layers = {
    linear: HeadSpec.parse([{ layer: 'dropout', rate: 0.2 }, { layer: 'output' }]),
    mlp: HeadSpec.parse([{ layer: 'dense', units: 3 }]),
    cosine: HeadSpec.parse([{ layer: 'cosineOutput' }]),
  }[preset];
  expect(canTrainInParallel(Array.isArray(layers) ? layers : [], parsed.training)).toBe(expected);
});

const output = { layer: 'output', l2: 0.001 };

test.each([
  ['the linear preset', 'linear', {}, true],
  ['a linear head with L2', [output], {}, true],
  ['layers without weights', [{ layer: 'globalMaxPool' }, { layer: 'activation', activation: 'relu' }, output], {}, true],
  ['flatten and dropout', [{ layer: 'flatten' }, { layer: 'dropout', rate: 0.5 }, output], {}, true],
  ['batch normalization, whose gamma multiplies the kernel', [{ layer: 'batchNormalization' }, output], {}, false],
  ['a hidden layer, even a linear one', [{ layer: 'dense', units: 4 }, output], {}, false],
  ['a linear head without L2', [{ layer: 'output' }], {}, false],
  ['directions with a scale', 'cosine', {}, false],
  ['no output layer of its own', [{ layer: 'globalAveragePool' }], {}, false],
  ['the focal loss', [output], { loss: { name: 'focal' } }, false],
])('%s has a convex loss: %j %j, %s', (_, head, training, expected) => {
  expect(isConvex(headLayers(HeadSpec.parse(head)), TrainingSpec.parse(training))).toBe(expected);
});
