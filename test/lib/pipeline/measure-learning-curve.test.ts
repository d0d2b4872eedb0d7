import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { measureLearningCurve } from '../../../lib/pipeline/measure-learning-curve.ts';
import type { TrainedNetwork } from '../../../lib/pipeline/network.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { memoryExamples, targetsOf } from '../../../lib/training/examples.ts';

const WIDTH = 6;

/** Images of two classes, whose features tell them apart. */
function examplesOf(count: number) {
  const classes = Array.from({ length: count }, (_, image) => [image % 2]);
  const inputs = Float32Array.from({ length: count * WIDTH }, (_, i) => (Math.floor(i / WIDTH) % 2) + ((i * 7) % 5) / 50);
  return memoryExamples({ inputShape: [WIDTH], classes: 2, inputs, targets: targetsOf(classes, 2) });
}

const context: unknown = {
  job: { id: 'job-1', spec: JobSpec.parse({ name: 'cards', dataset: 'cards' }) },
  jobContext: { flush: async () => {}, signal: new AbortController().signal },
  split: { train: Array.from({ length: 64 }, (_, image) => image), validation: [], test: [] },
};

function score(cut: string, stage: number) {
  const trunk = { cut, featureShape: [WIDTH], blocks: [{ name: 'stem', size: stage }] };
  const examples = { train: examplesOf(64), validation: examplesOf(24), test: examplesOf(24) };
  const trained: unknown = { trunk, examples };
  return measureLearningCurve(trained as TrainedNetwork, context as TrainingContext);
}

test('heads on the vectors of all stages are scored on parts of the training images', async () => {
  const { sizes } = await score('stages', WIDTH);
  expect(sizes?.points.map(({ images }) => images)).toEqual([16, 32, 64]);
});

test('no heads are fitted to a map with the vectors of the stages up to a cut: the layers after it were trained', async () => {
  expect(await score('block7a_project_bn', 2)).toEqual({
    sizesOmitted: 'The features end at the cut, and linear heads on them would lack the layers after it.',
  });
});
