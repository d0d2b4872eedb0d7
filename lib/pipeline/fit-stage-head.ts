import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { sum } from '../arithmetic.ts';
import type { EpochRecord } from '../contracts/model.ts';
import { sizeOf } from '../features/feature-shard.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { buildHead } from '../heads/build-head.ts';
import { CALIBRATION_FOLDS } from '../heads/calibration-folds.ts';
import { loadOrCompute } from '../jobs/attempt-checkpoints.ts';
import { classWeightsFor, termWeights } from '../training/class-weights.ts';
import { chooseMixture, MixtureTerm } from '../training/closed-form/choose-mixture.ts';
import { blocksOf } from '../training/closed-form/feature-block.ts';
import { fitClosedForm, scoreLogisticFolds } from '../training/closed-form/fit-closed-form.ts';
import type { LinearHead } from '../training/closed-form/linear-head.ts';
import type { EngineNetwork } from '../training/engine.ts';
import { evaluate } from '../training/evaluate.ts';
import { type Examples, subsetOf } from '../training/examples.ts';
import { predictLogits } from '../training/predict-logits.ts';
import { relatedFolds } from './held-out-scores.ts';
import { headOptions, type TrainedNetwork } from './network.ts';
import { prepareExamples } from './prepare-examples.ts';
import { startStopwatch } from './stopwatch.ts';
import { lossOf, stage, type TrainingContext, taskOf } from './training-context.ts';

/**
 * Fits a linear head to the frozen features of every stage: logistic or ridge regressions, each on one weighting of the
 * stages, averaged by their likelihood on images that they were not fitted to. No layer is trained by gradient descent.
 */
export async function fitStageHead(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  const { job, world, jobContext } = context;
  const { training } = job.spec;
  const time = startStopwatch(world.clock);
  const prepared = await prepareExamples('stages', undefined, context);
  const features = time.lap();
  const { trunk, examples } = prepared;
  // The computation blocks the thread for seconds at a time. In between, the job renews its lease and can be stopped.
  const yieldToEventLoop = async (): Promise<void> => {
    await nextTurn();
    await jobContext.flush();
    jobContext.signal.throwIfAborted();
  };
  const options = {
    yieldToEventLoop,
    task: taskOf(job),
    blocks: blocksOf(trunk.blocks ?? [{ name: 'top', size: sizeOf(trunk.featureShape) }]),
  };
  const choice = { job, name: `${context.part ?? ''}mixture`, schema: MixtureTerm.array() };
  const mixture = await loadOrCompute(choice, world.store, () =>
    chooseMixture(examples.train, {
      ...options,
      weights: imageWeights(examples.train, context),
      folds: choiceFolds(context),
      seed: training.seed,
    }),
  );
  world.log('mixture', { job: job.id, terms: mixture });
  const fit = async (some: Examples): Promise<LayersModel> => {
    const head = await fitClosedForm(some, mixture, { ...options, weights: imageWeights(some, context) });
    return headOf(head, trunk.featureShape, context);
  };
  const head = await fit(examples.train);
  const network = context.engine.open(head);
  const epoch = await measure(network, prepared.examples, context);
  jobContext.report(stage('train'));
  world.log('stage-head', { job: job.id, validationLoss: epoch.validationLoss, validationAccuracy: epoch.validationAccuracy });
  const loss = lossOf(job);
  // Features that the evidence computed count as the job's own, unless an earlier training of the job has counted them.
  const before = prepared.features.decoded === 0 ? 0 : (plan.decodedBefore ?? 0);
  return {
    ...prepared,
    features: { cached: prepared.features.cached - before, decoded: prepared.features.decoded + before },
    strategy: { ...plan, evidence: { ...plan.evidence, ...mixtureNumbers(mixture) } },
    training,
    network,
    model: head,
    head,
    canRetrain: true,
    async retrain({ rows }) {
      const model = await fit(
        rows === undefined ? examples.trainAndValidation : subsetOf(examples.trainAndValidation, rows.train),
      );
      return { network: context.engine.open(model), model, head: model };
    },
    async scoreFolds(folds, report) {
      const { trainAndValidation } = examples;
      const weights = imageWeights(trainAndValidation, context);
      const leftOut = folds.map(({ validation }) => validation);
      const together = await scoreLogisticFolds(trainAndValidation, mixture, leftOut, { ...options, weights });
      if (together !== undefined) return together;
      const scores: Float32Array[] = [];
      for (const { train, validation } of folds) {
        const model = await fit(subsetOf(trainAndValidation, train));
        const network = context.engine.open(model);
        scores.push((await predictLogits(network, subsetOf(trainAndValidation, validation), loss)).logits);
        model.dispose();
        report();
      }
      return scores;
    },
    history: [epoch],
    bestEpoch: 1,
    seconds: { features, train: time.lap() },
  };
}

/** The rows of the training images that each fold leaves out. */
function choiceFolds(context: TrainingContext): readonly (readonly number[])[] {
  const { train } = context.split;
  const related = relatedFolds(train, context).map(({ validation }) => validation);
  if (related.length > 0) return related;
  const count = Math.min(CALIBRATION_FOLDS, train.length);
  return Array.from({ length: count }, (_, fold) => [...train.keys()].filter((row) => row % count === fold));
}

/** How much each image counts: by the data set, and by its class. */
function imageWeights(examples: Examples, { job, dataset }: TrainingContext): Float64Array {
  const { labels } = dataset;
  const classWeights = classWeightsFor(job.spec.training.classWeights, { task: taskOf(job), examples, labels });
  const { targets, weights } = examples;
  const values = termWeights({ inputs: new Float32Array(), targets, ...(weights && { weights }) }, classWeights)?.values;
  return values === undefined ? new Float64Array(examples.count).fill(1) : Float64Array.from(values);
}

function headOf({ kernel, bias }: LinearHead, featureShape: readonly number[], context: TrainingContext): LayersModel {
  const model = buildHead(
    [{ layer: 'output', useBias: true, l1: 0, l2: 0, kernelInitializer: 'zeros' }],
    featureShape,
    headOptions(context),
  );
  const classes = bias.length;
  tf.tidy(() => model.setWeights([tf.tensor2d(kernel, [kernel.length / classes, classes]), tf.tensor1d(bias)]));
  return model;
}

/** The metrics of the fit, as the only epoch of its history. */
async function measure(
  network: EngineNetwork,
  { train, validation }: TrainedNetwork['examples'],
  { job, dataset }: TrainingContext,
): Promise<EpochRecord> {
  const loss = lossOf(job);
  const onTrain = await evaluate(network, train, loss, dataset.labels);
  const onValidation = await evaluate(network, validation, loss, dataset.labels);
  return {
    epoch: 1,
    learningRate: 0,
    loss: onTrain.negativeLogLikelihood,
    accuracy: onTrain.accuracy ?? 0,
    validationLoss: onValidation.negativeLogLikelihood,
    validationAccuracy: onValidation.accuracy ?? 0,
  };
}

/** The mixture as numbers for the job's record. */
function mixtureNumbers(mixture: readonly MixtureTerm[]): Record<string, number> {
  const weighted = (of: (term: MixtureTerm) => number) =>
    Number(sum(mixture.map((term) => term.weight * of(term))).toPrecision(4));
  return {
    stageShare: weighted(({ share }) => share),
    ridge: weighted(({ ridge }) => ridge),
    heldOutLoss: weighted(({ loss }) => loss),
  };
}
