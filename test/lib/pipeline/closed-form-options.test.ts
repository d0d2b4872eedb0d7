import { describe, expect, test } from 'vitest';
import type { ManifestRow } from '../../../lib/contracts/dataset.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { choiceFolds, closedFormOptions, imageWeights } from '../../../lib/pipeline/closed-form-options.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { memoryExamples, targetsOf } from '../../../lib/training/examples.ts';

/** As much of a job as these functions read. */
function contextFor(wanted: Partial<JobSpecInput>, rows: readonly ManifestRow[] = []): TrainingContext {
  const spec = JobSpec.parse({ name: 'cards', dataset: 'cards', ...wanted });
  const dataset = { digest: `sha256-${'a'.repeat(64)}`, labels: ['cardboard', 'glass'], rows };
  const split = { train: [...rows.keys()], validation: [], test: [] };
  const context: unknown = { job: { spec }, dataset, split };
  return context as TrainingContext;
}

const images = Array.from({ length: 24 }, (_, image) => image);

/** The same job on images that belong to some groups, in turn. */
function inGroups(count: number): TrainingContext {
  const rows = images.map(
    (image) =>
      ({
        path: `${image}.jpg`,
        labels: ['a'],
        sha256: `${image}`.padStart(64, '0'),
        group: `group-${image % count}`,
      }) as ManifestRow,
  );
  return contextFor({}, rows);
}

describe('the folds on which strengths are chosen', () => {
  test.each([2, 3, 5, 12])('keep groups together: %i groups', (groups) => {
    const folds = choiceFolds(images, inGroups(groups));
    expect(folds.flat().sort((a, b) => a - b)).toEqual(images);
    expect(folds).toHaveLength(Math.min(groups, 5));
    const groupsOf = folds.map((places) => new Set(places.map((place) => place % groups)));
    expect(groupsOf.reduce((total, { size }) => total + size, 0)).toBe(groups);
  });

  test('divide the images of a single group', () => {
    const folds = choiceFolds(images, inGroups(1));
    expect(folds).toHaveLength(5);
    expect(folds.flat().sort((a, b) => a - b)).toEqual(images);
  });
});

test('the vectors of stages are the last columns of features that carry them', () => {
  const blocks = [
    { name: 'block1', size: 3 },
    { name: 'top', size: 2 },
  ];
  expect(closedFormOptions({ blocks, featureShape: [45] }, contextFor({})).blocks).toMatchObject([
    { name: 'block1', start: 40, size: 3 },
    { name: 'top', start: 43, size: 2 },
  ]);
  expect(closedFormOptions({ blocks, featureShape: [5] }, contextFor({})).blocks).toMatchObject([{ start: 0 }, { start: 3 }]);
});

describe('the weights of images', () => {
  /** Of the first class, and of the second. */
  const examplesOf = (first: number, second: number, weights?: readonly number[]) =>
    memoryExamples({
      inputShape: [1],
      inputs: new Float32Array(first + second),
      classes: 2,
      targets: targetsOf(
        Array.from({ length: first + second }, (_, row) => [Number(row >= first)]),
        2,
      ),
      ...(weights && { weights: Float32Array.from(weights) }),
    });

  test('of a class count for exclusive classes, and not for images with several labels', () => {
    const examples = examplesOf(1, 2);
    const training = { classWeights: { cardboard: 4 } };
    expect([...imageWeights(examples, contextFor({ training }))]).toEqual([2, 0.5, 0.5]);
    expect([...imageWeights(examples, contextFor({ training, task: 'multi-label' }))]).toEqual([1, 1, 1]);
  });

  test.each([
    ['in any unit', [1000, 3000, 2000, 2000], [0.5, 1.5, 1, 1]],
    ['that are equal as if there were none', [0.001, 0.001, 0.001, 0.001], [1, 1, 1, 1]],
  ])('count %s, by their ratios', (_, weights, expected) => {
    expect([...imageWeights(examplesOf(3, 1, weights), contextFor({}))]).toEqual(expected);
  });

  test('have a mean of 1 for the classes that count', () => {
    const training = { classWeights: { glass: 0 } };
    expect([...imageWeights(examplesOf(2, 1, [1, 3, 2]), contextFor({ training }))]).toEqual([0.5, 1.5, 0]);
    const none = { classWeights: { glass: 0, cardboard: 0 } };
    expect([...imageWeights(examplesOf(2, 1), contextFor({ training: none }))]).toEqual([0, 0, 0]);
  });

  test('by the number of images of a class are those of balanced classes', () => {
    const byHand = imageWeights(examplesOf(3, 1, [1 / 3, 1 / 3, 1 / 3, 1]), contextFor({}));
    const balanced = imageWeights(examplesOf(3, 1), contextFor({ training: { classWeights: 'balanced' } }));
    expect([...byHand]).toEqual([...balanced].map((weight) => expect.closeTo(weight, 6)));
  });
});
