import { describe, expect, it } from 'vitest';
import { HeadSpec } from '../../../lib/contracts/head-spec.ts';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { fit as fitModel } from '../../../lib/training/fit.ts';
import { bestShare, chooseInterpolation, interpolateWeights } from '../../../lib/training/interpolate-weights.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { blobs } from '../../support/blobs.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const loss = categoricalCrossEntropy();
const validation = blobs({ count: 60, seed: 2 });
const newHead = () => buildHead(HeadSpec.parse('linear'), [8], { classes: 3, seed: 0 });
const weightsOf = (model: ReturnType<typeof newHead>) => model.getWeights().flatMap((weight) => [...weight.dataSync()]);

async function trained() {
  const model = newHead();
  const network = networkOf(model);
  const before = await network.snapshot();
  const training = TrainingSpec.parse({ epochs: 4, batchSize: 16, optimizer: { name: 'adam', learningRate: 0.05 } });
  await fitModel({ network, loss, train: blobs(), validation, training });
  return { model, network, before, after: await network.snapshot() };
}

describe('interpolateWeights', () => {
  it('goes from the weights before, over half of the way, to those after', async () => {
    const { model, network, before, after } = await trained();
    const at = (share: number) => {
      interpolateWeights(network, before, after, share);
      return weightsOf(model);
    };
    const [start, half, end] = [at(0), at(0.5), at(1)];
    expect(end).not.toEqual(start);
    expect(end).toEqual([...after.values()].flatMap(({ values }) => [...values]));
    half.forEach((value, i) => {
      expect(value).toBeCloseTo(((start[i] ?? 0) + (end[i] ?? 0)) / 2, 5);
    });
  });
});

describe('chooseInterpolation', () => {
  it('goes where the validation loss is lower, and leaves the model there', async () => {
    const { model, network, before, after } = await trained();
    const { share, losses } = await chooseInterpolation(network, { before, after, canKeepFrozen: true }, { validation, loss });
    expect(share).toBeGreaterThan(0);
    expect(losses.get(share)).toBe(Math.min(...losses.values()));
    const chosen = weightsOf(model);
    interpolateWeights(network, before, after, share);
    expect(chosen).toEqual(weightsOf(model));
  });

  it('measures weighted losses', async () => {
    const { network, before, after } = await trained();
    const copies = { before, after, canKeepFrozen: true };
    const weights = Float64Array.from({ length: validation.count }, (_, i) => (i < 6 ? 9.1 : 0.1));
    const { losses } = await chooseInterpolation(network, copies, { validation, loss, weights });
    const unweighted = await chooseInterpolation(network, copies, { validation, loss });
    expect(losses.get(1)).not.toBeCloseTo(unweighted.losses.get(1) ?? Number.NaN, 3);
  });

  it('stays where the way leads to worse', async () => {
    const { network, before, after } = await trained();
    const { share } = await chooseInterpolation(
      network,
      { before: after, after: before, canKeepFrozen: true },
      { validation, loss },
    );
    expect(share).toBeLessThan(1);
  });
});

describe('bestShare', () => {
  const losses = (stay: number[], half: number[], all: number[]) =>
    new Map([
      [0, Float64Array.from(stay)],
      [0.5, Float64Array.from(half)],
      [1, Float64Array.from(all)],
    ]);

  it.each([
    ['the lowest loss', losses([1, 1, 1, 1], [0.5, 0.6, 0.5, 0.6], [0.4, 0.4, 0.5, 0.5]), true, 1],
    ['not to go where that is worse on every image', losses([1, 1, 1, 1], [1.5, 1.6, 1.5, 1.6], [2, 2, 2, 2]), true, 0],
    ['to go where it is worse by no more than chance', losses([1, 1, 1, 1], [0.2, 2, 0.3, 1.7], [2, 2, 2, 2]), true, 0.5],
    ['to go where one must', losses([1, 1, 1, 1], [1.5, 1.6, 1.5, 1.6], [2, 2, 2, 2]), false, 0.5],
  ])('is %s', (_, given, canKeepFrozen, share) => {
    expect(bestShare(given, canKeepFrozen)).toBe(share);
  });

  it('is the lowest weighted loss', () => {
    const given = losses([1, 1, 1, 1], [0.9, 0.9, 0.9, 0.5], [0.5, 0.5, 0.5, 1]);
    expect(bestShare(given, true)).toBe(1);
    expect(bestShare(given, true, { weights: Float64Array.of(0.2, 0.2, 0.2, 3.4) })).toBe(0.5);
  });

  it('is to stay where that is worse by weight', () => {
    const given = losses([1, 1, 1, 1, 1], [0.5, 0.5, 0.5, 1.3, 1.4], [3, 3, 3, 3, 3]);
    expect(bestShare(given, true)).toBe(0.5);
    expect(bestShare(given, true, { weights: Float64Array.of(0.1, 0.1, 0.1, 2.35, 2.35) })).toBe(0);
  });

  it('is not to stay because of one video', () => {
    const frames = [...new Array(9).keys()];
    const of = (video: number, others: number) => [...frames.map(() => video), ...new Array<number>(4).fill(others)];
    const given = losses(of(1, 1), of(2, 0.1), of(3, 3));
    expect(bestShare(given, true)).toBe(0);
    expect(bestShare(given, true, { related: [frames] })).toBe(0.5);
    // With one video alone, nothing shows what is chance, and the losses speak against every other share.
    const alone = losses(
      frames.map(() => 0.3),
      frames.map(() => 1.2),
      frames.map(() => 3),
    );
    expect(bestShare(alone, true, { related: [frames] })).toBe(0);
  });
});
