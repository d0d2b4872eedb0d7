import { describe, expect, test } from 'vitest';
import { sum } from '../../../../lib/arithmetic.ts';
import { CapacityError } from '../../../../lib/errors.ts';
import type { TuningPlan } from '../../../../lib/freezing/plan-strategy.ts';
import { COMPARISON_FOLDS } from '../../../../lib/heads/calibration-folds.ts';
import { comparedImages } from '../../../../lib/pipeline/comparisons/compared-images.ts';
import { fitStageHead } from '../../../../lib/pipeline/fit-stage-head.ts';
import { heldOutScores } from '../../../../lib/pipeline/held-out-scores.ts';
import type { FineTunedNetwork, TrainedHead } from '../../../../lib/pipeline/network.ts';
import { chooseBetter } from '../../../../lib/pipeline/tuning/choose-better.ts';
import { scoreByFolds } from '../../../../lib/pipeline/tuning/compare-by-folds.ts';
import { stagesPlan, topPlan, trainingContext } from '../../../support/training-context.ts';

const plan: TuningPlan = { ...topPlan, comparesStages: true };
const spec = {
  backbone: { inputSize: 32 },
  split: { train: 0.7, validation: 0.2, test: 0.1 },
  training: { epochs: 1, batchSize: 16 },
  fineTuning: { epochs: 1, learningRateFactor: 0.003 },
} as const;

/** A fine-tuned network, for which a copy of a frozen one stands: only what it trains on matters here. */
function tunedFrom(frozen: TrainedHead, more: Partial<FineTunedNetwork> = {}): FineTunedNetwork {
  return { ...frozen, trains: 'head-then-tail', tuning: 'tail', ...more };
}

describe('a fine-tuned network and a head on all stages, with few validation images', () => {
  test('are compared by cross-validation on all images but those of the test', async () => {
    const context = await trainingContext(spec);
    const frozen = await fitStageHead(stagesPlan, context);
    // The same head, but fitted to the validation images too: on these it is better, and in truth it is not.
    const strategy = { name: 'fine-tune-top', reason: 'Worth trying.', evidence: {} } as const;
    const tuned = tunedFrom(frozen, { ...(await frozen.retrain({ name: 'all' })), strategy });
    const chosen = await chooseBetter(frozen, tuned, plan, context);
    const { train, validation } = context.split;
    expect(chosen.strategy.reason).toContain(`by cross-validation on ${train.length + validation.length} images`);
    expect(chosen.strategy).toMatchObject({ name: 'stage-features', evidence: { tuningGainError: expect.any(Number) } });
    await frozen.close();
  });

  test('get scores of networks that have not seen the image, the same after an interruption', async () => {
    // With fewer pixels, most columns are nearly constant, and their deviation depends on single images.
    const training = { ...spec.training, classWeights: { glass: 3 } };
    const context = await trainingContext({ ...spec, backbone: { inputSize: 96 }, training });
    const frozen = await fitStageHead(stagesPlan, context);
    const { train, validation } = context.split;
    const images = [...train, ...validation].sort((a, b) => a - b);
    const seen: number[][] = [];
    let stopAt = 1;
    const timed = { training: 1, epochs: 1, epoch: 1, retraining: 12, crossValidation: 0, reserve: 0 };
    const withTime = (left: number) => ({ ...context, jobContext: { ...context.jobContext, secondsLeft: () => left } });
    const tuned = tunedFrom(frozen, {
      timed,
      async retrain(options) {
        if (seen.length === stopAt) throw new Error('the machine goes away');
        seen.push([...(options.rows?.train ?? [])]);
        return frozen.retrain(options);
      },
    });
    await expect(scoreByFolds(frozen, tuned, context)).rejects.toThrow('the machine goes away');
    stopAt = Number.POSITIVE_INFINITY;
    // Each fold takes 8 seconds, with a margin of 30%: the refit would take another 16.
    const first = await scoreByFolds(frozen, tuned, withTime(0));
    expect(new Set(first?.tuned.foldOf), 'a job with little time compares the folds that are scored').toEqual(new Set([0]));
    const scored = first?.tuned.rows ?? [];
    const { weights = [] } = comparedImages(scored, context);
    const isGlass = scored.map((row) => context.dataset.rows.at(row)?.labels.includes('glass'));
    const [least = 0, most] = [...new Set(weights)].sort((a, b) => a - b);
    expect(most).toBeCloseTo(3 * least, 6);
    expect(
      [...weights].map((weight) => weight === most),
      'and their images count by their own classes',
    ).toEqual(isGlass);
    const scores = await scoreByFolds(frozen, tuned, withTime(25));
    expect(await scoreByFolds(frozen, tuned, withTime(0)), 'stored scores are used without any time').toEqual(scores);
    expect(seen, 'finished folds do not train again').toHaveLength(COMPARISON_FOLDS);
    stopAt = COMPARISON_FOLDS;
    const another = scoreByFolds(frozen, { ...tuned, tuning: 'deeper' }, context);
    await expect(another, 'another network has scores of its own').rejects.toThrow('the machine goes away');
    expect(scores?.tuned.rows).toEqual(images);
    expect(scores?.frozen.rows).toEqual(images);
    for (const [place, fold] of (scores?.tuned.foldOf ?? []).entries()) expect(seen[fold]).not.toContain(place);
    // Both repeat the same recipe on the same folds; only the columns' means and deviations are of other rows.
    const [one, two] = [scores?.frozen.scores.logits ?? [], scores?.tuned.scores.logits ?? []];
    const squared = (values: readonly number[]) => sum(values.map((value) => value ** 2));
    expect(squared([...one].map((logit, i) => logit - (two[i] ?? 0)))).toBeLessThan(0.2 * squared([...one]));
    const held = scores?.tuned;
    expect(await heldOutScores({ ...tuned, ...(held && { held }) }, context), 'and serve for calibration').toBe(held);
    await frozen.close();
  });

  test('are compared on the validation images where a fold does not fit into memory', async () => {
    const context = await trainingContext(spec);
    const frozen = await fitStageHead(stagesPlan, context);
    const retrain = () =>
      Promise.reject(new CapacityError('DEVICE_OUT_OF_MEMORY', { expected: 'more memory', fix: 'use a larger machine' }));
    expect(await scoreByFolds(frozen, tunedFrom(frozen, { retrain }), context)).toBeUndefined();
    const later = await scoreByFolds(frozen, tunedFrom(frozen), context);
    expect(later, 'a later attempt with more memory decides alike').toBeUndefined();
    await frozen.close();
  });

  test('are compared on the validation images where there is no time for the folds', async () => {
    const context = await trainingContext({ ...spec, fineTuning: { ...spec.fineTuning, budgetMinutes: 0.5 } });
    const frozen = await fitStageHead(stagesPlan, context);
    const timed = { training: 1, epochs: 1, epoch: 1, retraining: 60, crossValidation: 0, reserve: 0 };
    expect(await scoreByFolds(frozen, tunedFrom(frozen, { timed }), context)).toBeUndefined();
    await frozen.close();
  });
});
