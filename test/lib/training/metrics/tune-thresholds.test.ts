import { describe, expect, it } from 'vitest';
import { type RandomStream, randomStream } from '../../../../lib/random.ts';
import { metricsOf } from '../../../../lib/training/evaluate.ts';
import type { Answers } from '../../../../lib/training/metrics/answers.ts';
import { tuneThresholds } from '../../../../lib/training/metrics/tune-thresholds.ts';

const answers = (logits: number[], targets: number[], classes = 1): Answers => ({
  task: 'multi-label',
  count: logits.length / classes,
  classes,
  logits: Float32Array.from(logits),
  targets: Float32Array.from(targets),
});

describe('tuneThresholds', () => {
  it('lies between the examples with the label and those without, where they are apart', () => {
    const logits = [-1.2, -1.1, -1, -0.9, -0.8, -3, -3.1, -3.2, -3.3, -3.4];
    const [threshold] = tuneThresholds(answers(logits, [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]));
    expect(threshold).toBeGreaterThan(sigmoid(-3));
    expect(threshold).toBeLessThan(sigmoid(-1.2));
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
    const draw = (count: number, stream: RandomStream): Answers => {
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

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function gauss({ next }: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
