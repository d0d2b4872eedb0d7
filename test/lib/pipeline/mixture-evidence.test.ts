import { expect, test } from 'vitest';
import { mixtureEvidence } from '../../../lib/pipeline/mixture-evidence.ts';
import { randomStream } from '../../../lib/random.ts';
import { chooseMixture, type MixtureTerm } from '../../../lib/training/closed-form/choose-mixture.ts';
import { memoryExamples } from '../../../lib/training/examples.ts';

const term: MixtureTerm = { model: 'ridge', share: 1, withGrids: true, ridge: 0.1, temperature: 1, weight: 0.75, loss: 2 };

test('numbers of a mixture are the weighted means of its terms', () => {
  const mixture = [term, { ...term, share: 0, withGrids: false, ridge: 0.3, weight: 0.25, loss: 4 }];
  expect(mixtureEvidence(mixture, { task: 'single-label', classes: 20 })).toEqual({
    stageShare: 0.75,
    gridShare: 0.75,
    ridge: 0.15,
    heldOutLoss: 2.5,
  });
});

test('the held-out loss of a multi-label head is that of one label, however many there are', async () => {
  const [count, width, classes] = [60, 8, 20];
  const random = randomStream(1, 'labels');
  const inputs = Float32Array.from({ length: count * width }, () => random.next());
  // Every label is a coin toss, which no classifier predicts: the loss of each is ln 2.
  const targets = Float32Array.from({ length: count * classes }, () => Math.round(random.next()));
  const mixture = await chooseMixture(memoryExamples({ inputs, inputShape: [width], targets, classes }), {
    task: 'multi-label',
    blocks: [{ name: 'top', start: 0, size: width }],
    weights: new Float64Array(count).fill(1),
    folds: [],
    seed: 0,
    yieldToEventLoop: async () => {},
  });
  const { heldOutLoss = 0 } = mixtureEvidence(mixture, { task: 'multi-label', classes });
  expect(heldOutLoss).toBeCloseTo(Math.LN2, 1);
});
