import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import type { Fold } from '../../../lib/datasets/splits/assign-folds.ts';
import type { TrainedPart } from '../../../lib/freezing/cut-plan.ts';
import type { CalibratedNetwork } from '../../../lib/pipeline/calibrate-network.ts';
import { crossValidate } from '../../../lib/pipeline/cross-validate.ts';
import { heldOutScores } from '../../../lib/pipeline/held-out-scores.ts';
import type { TrainedNetwork } from '../../../lib/pipeline/network.ts';
import { retrainOnAll } from '../../../lib/pipeline/retrain-on-all.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { uniformScaling } from '../../../lib/training/calibration/logit-scaling.ts';
import { subsetOf } from '../../../lib/training/examples.ts';
import { blobs } from '../../support/blobs.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { testWorld } from '../../support/world.ts';

useTensorFlow();

const REPEATS = 3;
const trainAndValidation = blobs({ count: 60, classes: 2 });
const rows = Array.from({ length: trainAndValidation.count }, (_, row) => row);
const split = { train: rows.slice(0, 40), validation: rows.slice(40), test: [] };
const calibrated = { calibration: { scaling: uniformScaling(2) }, thresholds: undefined } as CalibratedNetwork;

/** A job with few images. @param finish aborted if the user has asked to finish it early */
function contextOf(finish = new AbortController().signal): TrainingContext {
  const spec = { name: 'm', dataset: 'd', task: 'single-label', training: { repeats: REPEATS } };
  const sha256 = (row: number) => `${row}`.padStart(64, '0');
  const images = rows.map((row) => ({ path: `${row}.jpg`, sha256: sha256(row), labels: [row % 2 === 0 ? 'a' : 'b'] }));
  const context: unknown = {
    job: { id: 'job-1', attempt: 1, spec: JobSpec.parse(spec) },
    world: testWorld(),
    jobContext: { report: () => {}, flush: async () => {}, signal: new AbortController().signal, finish },
    dataset: { digest: `sha256-${'a'.repeat(64)}`, labels: ['a', 'b'], rows: images },
    split,
    work: { time: (_: string, work: () => unknown) => work() },
  };
  return context as TrainingContext;
}

/** A network that could score folds, whatever trains in it. */
function networkOf(trains: TrainedPart): TrainedNetwork {
  const evaluate = async ({ targets }: { targets: Float32Array }) => ({ logits: new Float32Array(targets.length), loss: 1 });
  const trained: unknown = {
    trains,
    tuning: 'tail',
    strategy: { name: 'fine-tune-top', reason: 'As requested.', evidence: {} },
    network: { evaluate },
    head: { countParams: () => 1 },
    examples: { trainAndValidation, validation: subsetOf(trainAndValidation, split.validation) },
    retrain: async () => ({ network: { evaluate }, head: { layers: [] } }),
    scoreFolds: async (folds: readonly Fold[]) => folds.map(({ validation }) => new Float32Array(2 * validation.length)),
  };
  return trained as TrainedNetwork;
}

/** What a job does with a network, by what trains in it. */
const steps: Record<TrainedPart, object> = {
  head: { isScoredByFolds: true, repeats: REPEATS, isRetrained: true, endsOnRequest: false },
  'stage-head': { isScoredByFolds: true, repeats: 1, isRetrained: true, endsOnRequest: false },
  tail: { isScoredByFolds: false, repeats: REPEATS, isRetrained: false, endsOnRequest: false },
  'head-then-tail': { isScoredByFolds: false, repeats: REPEATS, isRetrained: true, endsOnRequest: true },
};

test.each(Object.keys(steps) as TrainedPart[])('what trains in a network decides what a job does with it: %s', async (trains) => {
  const trained = networkOf(trains);
  const { foldOf } = await heldOutScores(trained, contextOf());
  const crossValidation = await crossValidate(trained, calibrated, contextOf());
  const served = await retrainOnAll(trained, calibrated, contextOf());
  const finished = await retrainOnAll(trained, calibrated, contextOf(AbortSignal.abort()));
  expect({
    isScoredByFolds: foldOf !== undefined,
    repeats: crossValidation?.repeats,
    isRetrained: served.network !== trained.network,
    endsOnRequest: finished.strategy.finishedEarly === true,
  }).toEqual(steps[trains]);
});
