import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ManifestRow } from '../../../lib/contracts/dataset.ts';
import type { Trial } from '../../../lib/contracts/search-spec.ts';
import { randomStream } from '../../../lib/random.ts';
import { chooseTrial, compareLosses } from '../../../lib/search/choose-trial.ts';
import { requiredErrors } from '../../../lib/search/required-errors.ts';

const of = (trial: number, more: Partial<Trial>): Trial => ({
  trial,
  rung: 1,
  rungs: 1,
  share: 1,
  values: {},
  seconds: 1,
  ...more,
});
const reference = of(1, { negativeLogLikelihood: 1 });
const isDefault = ({ trial }: Trial) => trial === 1;

describe('chooseTrial', () => {
  const cases: [name: string, trials: Trial[], best: number, said: RegExp][] = [
    [
      'a trial that is better by more than the standard error',
      [reference, of(2, { negativeLogLikelihood: 0.8, gain: 0.2, standardError: 0.1, images: 36 })],
      2,
      /The loss of trial 2 was 0\.200 lower than that of the default on 36 held-out images/,
    ],
    [
      'the default where the gain is no larger than the standard error',
      [reference, of(2, { negativeLogLikelihood: 0.8, gain: 0.2, standardError: 0.2, images: 36 })],
      1,
      /No trial was significantly better than the default.*trial 2.*0\.200 lower/,
    ],
    [
      'the default where the best trial is worse',
      [reference, of(2, { negativeLogLikelihood: 1.3, gain: -0.3, standardError: 0.1, images: 36 })],
      1,
      /0\.300 higher/,
    ],
    [
      'the trial with the largest gain',
      [
        of(3, { negativeLogLikelihood: 0.5, gain: 0.5, standardError: 0.1 }),
        reference,
        of(2, { negativeLogLikelihood: 0.6, gain: 0.4, standardError: 0.1 }),
      ],
      3,
      /The loss of trial 3/,
    ],
    [
      'the default where chance is not known',
      [reference, of(2, { negativeLogLikelihood: 0, gain: 1, images: 1 })],
      1,
      /No trial was significantly better/,
    ],
    [
      'the default where all others are lost',
      [reference, of(2, { error: 'LOSS_NOT_FINITE' })],
      1,
      /No other trial reached the last step/,
    ],
    [
      'the lowest loss where the default is lost',
      [of(1, { error: 'LOSS_NOT_FINITE' }), of(2, { negativeLogLikelihood: 0.9 }), of(3, { negativeLogLikelihood: 0.8 })],
      3,
      /could not be compared/,
    ],
  ];
  it.each(cases)('takes %s', (_, trials, best, said) => {
    const choice = chooseTrial(trials, { isDefault, tried: 1 });
    expect(choice?.best.trial).toBe(best);
    expect(choice?.reason).toMatch(said);
  });

  it('takes none where all are lost', () => {
    expect(chooseTrial([of(1, { error: 'X' }), of(2, { error: 'X' })], { isDefault, tried: 0 })).toBeUndefined();
  });

  it('seldom leaves the default for one of two trials that differ from it by nothing but chance, and never for long odds', () => {
    const chosen = Array.from({ length: 400 }, (_, seed) => {
      const random = randomStream(seed, 'losses');
      const draw = () => new Map(Array.from({ length: 36 }, (_, row) => [row, -Math.log(1 - random.next())] as const));
      const base = draw();
      const trials = [2, 3].map((trial) => of(trial, { negativeLogLikelihood: 1, ...compareLosses(draw(), base) }));
      return chooseTrial([reference, ...trials], { isDefault, tried: 2 })?.best.trial;
    });
    // By the lowest loss alone it would be left two times out of three.
    expect(chosen.filter((trial) => trial !== 1).length / 400).toBeLessThan(0.2);
  });

  it('leaves the default as seldom for the two that an earlier rung chose of eight, by the same images', () => {
    const searches = 400;
    const won = Array.from({ length: searches }, (_, seed) => {
      const random = randomStream(seed, 'losses');
      const noise = () => Array.from({ length: 12 }, () => random.next() - 0.5).reduce((all, one) => all + one, 0);
      const draw = () => new Map(Array.from({ length: 200 }, (_, row) => [row, noise()] as const));
      const base = new Map(Array.from({ length: 200 }, (_, row) => [row, 0] as const));
      const all = Array.from({ length: 8 }, (_, trial) =>
        of(trial + 2, { negativeLogLikelihood: 1, ...compareLosses(draw(), base) }),
      );
      const last = all.sort((a, b) => (b.gain ?? 0) - (a.gain ?? 0)).slice(0, 2);
      return chooseTrial([reference, ...last], { isDefault, tried: 8 })?.best.trial !== 1;
    });
    // At one standard error, it would be left in three of four searches.
    const share = won.filter((one) => one).length / searches;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.22);
  });

  it('says how much the best of several trials must gain', () => {
    const second = of(2, { negativeLogLikelihood: 0.8, gain: 0.2, standardError: 0.1, images: 36 });
    expect(chooseTrial([reference, second], { isDefault, tried: 8 })).toMatchObject({
      best: reference,
      reason: expect.stringContaining('standard error 0.100 (the best of 8 trials must gain more than 2.03 of these)'),
    });
    expect(chooseTrial([reference, second], { isDefault, tried: 7 })?.best).toBe(second);
  });

  it('says that nothing shows what is chance if all images belong together', () => {
    const second = of(2, { negativeLogLikelihood: 0.8, gain: 0.2, images: 36 });
    expect(chooseTrial([reference, second], { isDefault, tried: 8 })).toMatchObject({
      best: reference,
      reason: expect.stringContaining('on 36 held-out images, which may be chance because all images belong together'),
    });
  });

  it('finds the trial that is better on every image', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 3, maxLength: 40 }), (losses) => {
        const rows = (less: number) => new Map(losses.map((loss, row) => [row, loss - less] as const));
        const better = of(2, { negativeLogLikelihood: 0, ...compareLosses(rows(0.1), rows(0)) });
        expect(chooseTrial([reference, better], { isDefault, tried: 1 })?.best.trial).toBe(2);
      }),
    );
  });
});

test.each([
  [1, 1],
  [2, 1.387],
  [8, 2.026],
  [64, 2.78],
  [256, 3.205],
])('the best of %i trials must gain %f standard errors', (trials, errors) => {
  expect(requiredErrors(trials)).toBeCloseTo(errors, 2);
});

describe('compareLosses', () => {
  it('compares on the images that both have, whatever their order', () => {
    const losses = new Map([
      [7, 1],
      [3, 2],
      [5, 9],
    ]);
    const others = new Map([
      [3, 3],
      [7, 4],
      [9, 0],
    ]);
    expect(compareLosses(losses, others)).toEqual({ gain: 2, standardError: 1, images: 2 });
  });

  it('counts related images once', () => {
    const rows = ['a', 'a', 'b', 'b'].map((group, row) => ({
      path: `${row}.jpg`,
      labels: ['x'],
      sha256: `${row}`.padStart(64, '0'),
      group,
    })) as ManifestRow[];
    const [losses, others] = [new Map([0, 1, 2, 3].map((row) => [row, 0])), new Map([3, 2, 1, 0].map((row) => [row, row >> 1]))];
    expect(compareLosses(losses, others, { rows })).toEqual({ gain: 0.5, standardError: 0.5, images: 4 });
    expect(compareLosses(losses, others).standardError).toBeLessThan(0.3);
  });

  it('knows nothing of chance on a single image', () => {
    expect(compareLosses(new Map([[1, 0]]), new Map([[1, 1]]))).toEqual({
      gain: 1,
      standardError: Number.POSITIVE_INFINITY,
      images: 1,
    });
  });
});
