import { expect, test } from 'vitest';
import { sum } from '../../../../lib/arithmetic.ts';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { JobSpec, type JobSpecInput } from '../../../../lib/contracts/job-spec.ts';
import { comparedImages } from '../../../../lib/pipeline/comparisons/compared-images.ts';
import type { TrainingContext } from '../../../../lib/pipeline/training-context.ts';

/** A job on four images, the last of which has the second class. @param weights of the images in the data set */
function contextOf(training: JobSpecInput['training'], weights?: readonly number[], task: JobSpecInput['task'] = 'single-label') {
  const rows = [0, 1, 2, 3].map((row) => ({
    path: `${row}.jpg`,
    sha256: `${row}`.padStart(64, '0'),
    labels: [row === 3 ? 'b' : 'a'],
    ...(row > 1 && { group: 'video' }),
    ...(weights && { weight: weights[row] }),
  }));
  const context: unknown = {
    job: { spec: JobSpec.parse({ name: 'm', dataset: 'd', task, training }) },
    dataset: { labels: ['a', 'b'], rows: rows as ManifestRow[], targets: [[0], [0], [0], [1]] },
  };
  return context as TrainingContext;
}

function imagesOf(...of: Parameters<typeof contextOf>) {
  return comparedImages([0, 1, 2, 3], contextOf(...of));
}

test('related images are those of one group', () => {
  expect(imagesOf({}).related).toEqual([[2, 3]]);
});

test.each([
  ['balanced classes', { classWeights: 'balanced' }, undefined, [2 / 3, 2 / 3, 2 / 3, 2]],
  ['a weight of a class', { classWeights: { b: 5 } }, undefined, [0.5, 0.5, 0.5, 2.5]],
  ['weights of the data set', {}, [1, 3, 2, 2], [0.5, 1.5, 1, 1]],
  ['both', { classWeights: { b: 2 } }, [1, 3, 2, 1], [0.5, 1.5, 1, 1]],
] as const)('images count by %s, one on average', (_, training, ofDataset, expected) => {
  const { weights = new Float64Array() } = imagesOf(training, ofDataset);
  expect([...weights]).toEqual(expected.map((weight) => expect.closeTo(weight, 6)));
  expect(sum(weights)).toBeCloseTo(4, 12);
});

test.each([
  ['there are no weights', {}, undefined],
  ['all weights are equal', {}, [2, 2, 2, 2]],
  ['the weights of classes are equal', { classWeights: { a: 3, b: 3 } }, undefined],
] as const)('images count the same if %s', (_, training, ofDataset) => {
  expect(imagesOf(training, ofDataset).weights).toBeUndefined();
});

test('some of the images count by their own weights, in their order, and one on average', () => {
  const { weights = [] } = comparedImages([3, 1], contextOf({}, [1, 3, 2, 2]));
  expect([...weights]).toEqual([0.8, 1.2].map((weight) => expect.closeTo(weight, 12)));
});

test('class weights of a multi-label task weight no images', () => {
  expect(imagesOf({ classWeights: 'balanced' }, undefined, 'multi-label').weights).toBeUndefined();
});
