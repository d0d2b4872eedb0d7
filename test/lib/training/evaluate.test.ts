import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { evaluate, metricsOf } from '../../../lib/training/evaluate.ts';
import { binaryCrossEntropy, categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { balancedScore } from '../../../lib/training/metrics/balanced-score.ts';
import type { LabelledLogits } from '../../../lib/training/metrics/labelled-logits.ts';
import { taskScore } from '../../../lib/training/metrics/task-score.ts';
import { blobs } from '../../support/blobs.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const answersOf = (task: LabelledLogits['task'], logits: number[][], targets: number[][]): LabelledLogits => ({
  task,
  count: logits.length,
  classes: logits[0]!.length,
  logits: Float32Array.from(logits.flat()),
  targets: Float32Array.from(targets.flat()),
});
const oneHot = (classes: number, labels: number[]): number[][] =>
  labels.map((label) => Array.from({ length: classes }, (_, i) => Number(i === label)));

/** Expected numbers: scikit-learn 1.8, with zero_division 0. */
const tables = [
  {
    name: 'single-label, one class only given and one neither given nor there',
    answers: answersOf(
      'single-label',
      [
        [2, 1, 0, 0, -1],
        [0, 3, 1, 0, -1],
        [1, 2, 0, 0, -1],
        [0, 0, 2, 1, -1],
        [0, 1, 2, 0, -1],
        [2, 0, 1, 0, -1],
        [0, 0, 1, 3, -1],
        [1, 0, 0, 0.5, -1],
      ],
      oneHot(5, [0, 1, 0, 2, 1, 0, 2, 2]),
    ),
    expected: {
      negativeLogLikelihood: 1.1221826562761432,
      expectedCalibrationError: 0.12975012226497692,
      accuracy: 0.5,
      // scikit-learn says 1: of equal logits it takes the last for larger, we the first.
      top3Accuracy: 0.875,
      balancedAccuracy: 0.5,
      macroF1: 0.3916666666666666,
      microF1: 0.5,
      auc: 0.825,
    },
    perClass: [
      [2 / 3, 2 / 3, 2 / 3, 3, 14 / 15],
      [0.5, 0.5, 0.5, 2, 0.875],
      [0.5, 1 / 3, 0.4, 3, 2 / 3],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  },
  {
    name: 'multi-label, with equal logits and an example without labels',
    answers: answersOf(
      'multi-label',
      [
        [1, -1, 0.5],
        [0.5, -2, -1],
        [-1, 1, -1],
        [0.5, 2, -3],
        [-2, -1, 0.5],
        [3, -1, -2],
      ],
      [
        [1, 0, 0],
        [0, 0, 0],
        [0, 1, 0],
        [1, 1, 0],
        [0, 1, 1],
        [1, 0, 0],
      ],
    ),
    expected: {
      negativeLogLikelihood: 0.3892937880103102,
      expectedCalibrationError: 0.12294622945616575,
      accuracy: 5 / 6,
      macroF1: 0.7746031746031745,
      microF1: 0.8,
      meanAveragePrecision: 0.7611111111111111,
      auc: 0.9111111111111111,
    },
    perClass: [
      [0.75, 1, 6 / 7, 3, 17 / 18],
      [1, 2 / 3, 0.8, 3, 8 / 9],
      [0.5, 1, 2 / 3, 1, 0.9],
    ],
  },
];

describe('metricsOf', () => {
  it.each(tables)('has the numbers of scikit-learn: $name', ({ answers, expected, perClass }) => {
    const labels = perClass.map((_, i) => `label ${i}`);
    const { perClass: rows, ...metrics } = metricsOf(answers, labels);
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries(expected)) expect(metrics, name).toHaveProperty(name, expect.closeTo(value, 6));
    expect(rows).toEqual(
      perClass.map(([precision, recall, f1, support, auc], i) => ({
        label: `label ${i}`,
        precision: expect.closeTo(precision!, 9),
        recall: expect.closeTo(recall!, 9),
        f1: expect.closeTo(f1!, 9),
        support,
        ...(auc !== undefined && { auc: expect.closeTo(auc, 9) }),
      })),
    );
  });

  it('decides by the thresholds that it is given', () => {
    const answers = answersOf('multi-label', [[1], [-0.5], [-1.5], [-3]], [[1], [1], [0], [0]]);
    expect(metricsOf(answers, ['a'])).toMatchObject({ accuracy: 0.75, microF1: 2 / 3 });
    expect(metricsOf(answers, ['a'], [0.3])).toMatchObject({ accuracy: 1, microF1: 1 });
    expect(metricsOf(answers, ['a'], [1])).toMatchObject({ accuracy: 0.5, microF1: 0 });
  });

  it('says nothing of an area where all examples, or none, have the class', () => {
    const { auc, perClass } = metricsOf(
      answersOf(
        'multi-label',
        [
          [1, 2],
          [0, 1],
        ],
        [
          [1, 0],
          [1, 0],
        ],
      ),
      ['a', 'b'],
    );
    expect(auc).toBeUndefined();
    expect(perClass.every((of) => !('auc' in of))).toBe(true);
  });

  it.each([
    { what: 'no label is present or predicted', logit: -1, f1: undefined },
    { what: 'labels are predicted and none is present', logit: 1, f1: 0 },
  ])('has no metrics of labels that do not apply: $what', ({ logit, f1 }) => {
    const answers = answersOf(
      'multi-label',
      [
        [logit, -2],
        [-1, -2],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    );
    const { perClass: _, negativeLogLikelihood: __, expectedCalibrationError: ___, ...metrics } = metricsOf(answers, ['a', 'b']);
    expect(metrics).toStrictEqual({
      accuracy: f1 === undefined ? 1 : 0.75,
      ...(f1 !== undefined && { macroF1: f1, microF1: f1 }),
    });
    expect([taskScore(answers), balancedScore(answers)], 'networks can be compared nevertheless').toEqual([0, 0]);
  });

  it('keeps every share between 0 and 1 and every number finite, whatever the logits', () => {
    const rows = fc.array(
      fc.record({
        logits: fc.array(fc.float({ min: -200, max: 200, noNaN: true }), { minLength: 3, maxLength: 3 }),
        label: fc.nat(2),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(rows, fc.constantFrom('single-label' as const, 'multi-label' as const), (examples, task) => {
        const answers = answersOf(
          task,
          examples.map(({ logits }) => logits),
          oneHot(
            3,
            examples.map(({ label }) => label),
          ),
        );
        const { perClass, negativeLogLikelihood, ...shares } = metricsOf(answers, ['a', 'b', 'c']);
        expect(negativeLogLikelihood).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(negativeLogLikelihood)).toBe(true);
        for (const share of [
          ...Object.values(shares),
          ...perClass.flatMap(({ precision, recall, f1, auc = 0 }) => [precision, recall, f1, auc]),
        ]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });
});

describe('evaluate', () => {
  it.each([
    { loss: categoricalCrossEntropy(), task: 'single-label' },
    { loss: binaryCrossEntropy(), task: 'multi-label' },
  ])('measures a $task model, in batches, with the same loss as on all examples at once', async ({ loss }) => {
    const examples = blobs({ count: 300 });
    const model = buildHead([], [8], { classes: 3, seed: 4 });
    const metrics = await evaluate(networkOf(model), examples, loss, ['a', 'b', 'c']);
    expect(metrics.loss).toBeCloseTo(metrics.negativeLogLikelihood, 5);
    expect(metrics.perClass.map(({ label, support }) => [label, support])).toEqual([
      ['a', 100],
      ['b', 100],
      ['c', 100],
    ]);
    model.dispose();
  });
});
