import { describe, expect, it } from 'vitest';
import { type RandomStream, randomStream } from '../../../../lib/random.ts';
import { metricsOf } from '../../../../lib/training/evaluate.ts';
import type { LabelledLogits } from '../../../../lib/training/metrics/labelled-logits.ts';
import { tuneThresholds } from '../../../../lib/training/metrics/tune-thresholds.ts';

const answers = (logits: number[], targets: number[], classes = 1): LabelledLogits => ({
  task: 'multi-label',
  count: logits.length / classes,
  classes,
  logits: Float32Array.from(logits),
  targets: Float32Array.from(targets),
});

describe('tuneThresholds', () => {
  it('is half of the largest F1 that a threshold reaches, the nearer to it the more examples have the label', () => {
    // At best 3 of 4 examples that get the label have it, and all that have it get it: F1 is 6/7.
    const tuned = [4, 40, 4000].map((times) => {
      const block = Array.from({ length: times }, () => [0, 0, 0, 0, -9, -9, -9, -9]).flat();
      const targets = Array.from({ length: times }, () => [1, 1, 1, 0, 0, 0, 0, 0]).flat();
      return (
        tuneThresholds(
          answers(
            block.map((logit) => (logit === 0 ? Math.log(3) : logit)),
            targets,
          ),
        )[0] ?? 0
      );
    });
    const [few = 0, more = 0, many = 0] = tuned;
    expect(many).toBeCloseTo(3 / 7, 2);
    expect(few).toBeGreaterThan(more);
    expect(more).toBeGreaterThan(many);
    expect(few).toBeLessThan(0.5);
  });

  it('stays at 0.5 where the examples with the label and those without are apart', () => {
    const logits = [9, 8, 9, 8, 9, 8, -9, -8, -9, -8, -9, -8];
    const [threshold] = tuneThresholds(answers(logits, [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]));
    expect(threshold).toBeCloseTo(0.5, 2);
  });

  const few = [
    { name: 'too few have', targets: [1, 1, 1, 1, 0, 0, 0, 0, 0, 0] },
    { name: 'too few have not', targets: [1, 1, 1, 1, 1, 1, 0, 0, 0, 0] },
    { name: 'none has', targets: Array(10).fill(0) },
    { name: 'all have', targets: Array(10).fill(1) },
  ];
  it.each(few)('stays at 0.5 for a label that $name', ({ targets }) => {
    expect(tuneThresholds(answers([-1, -2, -3, -4, -5, -6, -7, -8, -9, -10], targets))).toEqual([0.5]);
  });

  it('gives labels that are rarely sure a larger F1 on examples that it has not seen', () => {
    // Calibrated logits of labels that one example in ten, and one in four, has.
    const shares = [0.1, 0.25];
    const draw = (count: number, stream: RandomStream): LabelledLogits => {
      const cells = Array.from({ length: count * shares.length }, (_, i) => {
        const share = shares[i % shares.length]!;
        const positive = stream.next() < share;
        return { logit: 1.5 * (gauss(stream) + (positive ? 0.75 : -0.75)) + Math.log(share / (1 - share)), positive };
      });
      return answers(
        cells.map(({ logit }) => logit),
        cells.map(({ positive }) => Number(positive)),
        shares.length,
      );
    };
    const unseen = draw(4000, randomStream(1, 'unseen'));
    for (let seed = 0; seed < 5; seed++) {
      const thresholds = tuneThresholds(draw(120, randomStream(seed, 'validation')));
      const tuned = metricsOf(unseen, ['a', 'b'], thresholds).macroF1 ?? 0;
      expect(tuned).toBeGreaterThan((metricsOf(unseen, ['a', 'b']).macroF1 ?? 1) + 0.03);
    }
  });
});

function gauss({ next }: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
