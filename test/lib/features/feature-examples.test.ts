import { expect, it } from 'vitest';
import type { ManifestRow } from '../../../lib/contracts/dataset.ts';
import { featureExamples } from '../../../lib/features/feature-examples.ts';
import type { FeatureSet } from '../../../lib/features/feature-set.ts';

const features: FeatureSet = {
  shape: [1],
  count: 3,
  gather: async (rows) => Float32Array.from(rows),
  close: async () => {},
};

it('gives each image the weight that the data set says, and 1 where it says none', async () => {
  const examples = featureExamples(features, datasetOf([2, undefined, 0.5]), [2, 0, 1]);
  expect(await examples.gather([0, 2, 1])).toEqual({
    inputs: Float32Array.of(2, 1, 0),
    targets: Float32Array.of(1, 0, 0, 1, 1, 0),
    weights: Float32Array.of(0.5, 1, 2),
  });
});

it('has no weights where every image counts 1', async () => {
  expect(await featureExamples(features, datasetOf([undefined, 1, undefined]), [0, 1]).gather([0])).not.toHaveProperty('weights');
});

function datasetOf(weights: readonly (number | undefined)[]) {
  const rows = weights.map((weight, row): ManifestRow => {
    return {
      path: String(row),
      sha256: '',
      labels: ['a'],
      width: 1,
      height: 1,
      ...(weight !== undefined && { weight }),
    };
  });
  return {
    name: 'weighted',
    digest: 'sha256-0',
    rows,
    labels: ['a', 'b'],
    unlabelled: 0,
    task: 'single-label' as const,
    targets: [[0], [1], [0]],
  };
}
