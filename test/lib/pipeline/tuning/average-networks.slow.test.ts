import { describe, expect, test } from 'vitest';
import { findFeatures } from '../../../../lib/backbones/own/find-features.ts';
import { contributionGraph } from '../../../../lib/explanation/contribution-graph.ts';
import type { TuningPlan } from '../../../../lib/freezing/plan-strategy.ts';
import { classifierGraph } from '../../../../lib/models/classifier-graph.ts';
import { exportOnnx } from '../../../../lib/onnx/export-onnx.ts';
import { decodeModel } from '../../../../lib/onnx/protobuf.ts';
import { openSession } from '../../../../lib/onnx/session.ts';
import type { Network } from '../../../../lib/pipeline/network.ts';
import { lossOf, type TrainingContext } from '../../../../lib/pipeline/training-context.ts';
import { averageNetworks } from '../../../../lib/pipeline/tuning/average-networks.ts';
import { chooseBetter } from '../../../../lib/pipeline/tuning/choose-better.ts';
import { uniformScaling } from '../../../../lib/training/calibration/logit-scaling.ts';
import type { EngineNetwork } from '../../../../lib/training/engine.ts';
import { type Examples, everyRow } from '../../../../lib/training/examples.ts';
import { predictLogits } from '../../../../lib/training/predict-logits.ts';
import { trainBoth } from '../../../support/train-both.ts';
import { topPlan, trashTraining } from '../../../support/training-context.ts';

const plan: TuningPlan = { ...topPlan, comparesStages: true, carriesStages: true };
const spec = { effort: 'best', training: { epochs: 1, batchSize: 16 }, fineTuning: { epochs: 1 } } as const;

/** A head on all stages, and the same backbone fine-tuned behind a head on the top. */
async function bothNetworks(tunedPlan: TuningPlan) {
  const context = await trashTraining(spec);
  return { context, ...(await trainBoth(tunedPlan, context)) };
}

async function logitsOf({ network }: Network, examples: Examples, { job }: TrainingContext): Promise<number[]> {
  return [...(await predictLogits(network, examples, lossOf(job))).logits];
}

const scalings = { frozen: uniformScaling(6, 0.8), tuned: uniformScaling(6, 0.5) };

describe.each([
  // Its map has more than one pixel here.
  ['cut behind a stage', { ...plan, cut: { layer: 'block5c_add' } } satisfies TuningPlan],
  ['trained from the images up', { ...plan, name: 'fine-tune-all', cut: 'images' } satisfies TuningPlan],
])('the average of a head on all stages and a network %s', (_, tunedPlan) => {
  test('has the mean of their calibrated logits, in the engine and in its ONNX graph, and when both are retrained', async () => {
    const { context, frozen, tuned } = await bothNetworks(tunedPlan);
    const average = await averageNetworks(frozen, tuned, scalings, context);
    const { validation } = tuned.examples;
    const mean = async (one: Network, other: Network): Promise<number[]> => {
      const [first, second] = [
        await logitsOf(one, frozen.examples.validation, context),
        await logitsOf(other, validation, context),
      ];
      return first.map((logit, i) => 0.5 * (0.8 * logit + 0.5 * (second[i] ?? 0)));
    };
    const expected = await mean(frozen, tuned);
    expectClose(await logitsOf(average, validation, context), expected);
    const { inputs } = await validation.gather(everyRow(validation));
    const graph = exportOnnx(average.model, { inputName: 'features', outputName: 'logits' });
    expect(() => findFeatures(decodeModel(graph).graph, 'average@1'), 'it has no features that one layer classifies').toThrow(
      expect.objectContaining({ code: 'BACKBONE_MODEL_UNSUPPORTED' }),
    );
    const session = await openSession(graph, { threads: 1 });
    expectClose([...(await session.run(inputs, [validation.count, ...validation.inputShape])).data], expected);
    await session.close();
    const served = classifierGraph({ trunk: tuned.trunk, network: average.model, task: 'single-label', novelty: undefined });
    for (const { height, width } of contributionGraph(served, { exclusive: true }).maps)
      expect(height, 'a map, and no column of features').toBe(width);
    const options = { name: 'refit' };
    expectClose(
      await logitsOf(await average.retrain(options), validation, context),
      await mean(await frozen.retrain(options), await tuned.retrain(options)),
    );
    await average.close();
  });
});

test('the average is chosen where it is better than both by more than chance', async () => {
  const { context, frozen, tuned } = await bothNetworks(plan);
  // Each network stands for one that knows half of the classes.
  const knowing = (network: EngineNetwork, known: (label: number) => boolean): EngineNetwork => ({
    ...network,
    async evaluate(batch) {
      const logits = batch.targets.map((target, i) => (known(i % 6) ? 4 * target : Math.sin(i)));
      return { logits, loss: 0 };
    },
  });
  // There is no time for cross-validation, which would train other networks.
  const timed = { training: 1, epochs: 1, epoch: 1, retraining: 1e6, crossValidation: 0, reserve: 0 };
  const chosen = await chooseBetter(
    { ...frozen, network: knowing(frozen.network, (label) => label < 3) },
    { ...tuned, network: knowing(tuned.network, (label) => label >= 3), timed },
    plan,
    context,
  );
  expect(chosen.strategy.name).toBe('fine-tune-top');
  expect(chosen.strategy.reason).toMatch(/averages the frozen and the fine-tuned network, and computes the layers after/);
  expect(chosen.strategy.reason, 'a verdict on one network alone').not.toMatch(/Fine-tuning was/);
  expect(chosen.strategy.evidence.averageGain).toBeGreaterThan(chosen.strategy.evidence.averageGainError ?? Number.NaN);
  expect(chosen.model.countParams()).toBeGreaterThan(tuned.model.countParams());
  await chosen.close();
});

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs((actual[i] ?? Number.NaN) - value)).toBeLessThan(1e-3);
}
