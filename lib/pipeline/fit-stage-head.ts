import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { closeOnFailure } from '../close-on-failure.ts';
import type { EpochRecord } from '../contracts/model-card.ts';
import { relatedImages } from '../datasets/splits/assign-folds.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { loadOrCompute } from '../jobs/computed-once.ts';
import { chooseMixture, MixtureTerm } from '../training/closed-form/choose-mixture.ts';
import { fitClosedForm } from '../training/closed-form/fit-closed-form.ts';
import type { LinearHead } from '../training/closed-form/linear-head.ts';
import { scoreHeldOut } from '../training/closed-form/score-held-out.ts';
import type { EngineNetwork } from '../training/engine.ts';
import { evaluate } from '../training/evaluate.ts';
import { type Examples, subsetOf } from '../training/examples.ts';
import { choiceFolds, closedFormOptions, imageWeights } from './closed-form-options.ts';
import { withEvidence } from './extend-strategy.ts';
import { mixtureEvidence } from './mixture-evidence.ts';
import type { TrainedHead } from './network.ts';
import { oncePerTrial } from './once-per-trial.ts';
import { zeroHead } from './open-network.ts';
import { type PreparedExamples, prepareExamples } from './prepare-examples.ts';
import { lossOf, stage, type TrainingContext } from './training-context.ts';

/**
 * Fits a linear head to the frozen features of every stage: logistic or ridge regressions, each on one weighting of the
 * stages, averaged by their likelihood on images that they were not fitted to. No layer is trained by gradient descent.
 */
export async function fitStageHead(plan: Plan, context: TrainingContext): Promise<TrainedHead> {
  const prepared = await prepareExamples('stages', undefined, context);
  return closeOnFailure(prepared, () => fitPrepared(plan, prepared, context));
}

async function fitPrepared(plan: Plan, prepared: PreparedExamples, context: TrainingContext): Promise<TrainedHead> {
  const { job, world, jobContext, work } = context;
  const seconds = work.startTraining();
  const { training } = job.spec;
  const { trunk, examples } = prepared;
  const options = closedFormOptions(trunk, context);
  // Not `mixture`: an attempt of an earlier version of Graft stored that in the unit of its weights.
  const once = oncePerTrial('mixture-of-mean-weight', MixtureTerm.array(), context);
  const mixture = await loadOrCompute(once, world.store, () =>
    chooseMixture(examples.train, {
      ...options,
      weights: imageWeights(examples.train, context),
      folds: choiceFolds(context.split.train, context),
      related: relatedImages(context.dataset, context.split.train),
      fitted: examples.trainAndValidation.count,
      seed: training.seed,
    }),
  );
  world.log('mixture', { job: job.id, terms: mixture });
  const fit = async (some: Examples): Promise<LayersModel> => {
    const head = await fitClosedForm(some, mixture, { ...options, weights: imageWeights(some, context) });
    return headOf(head, trunk.featureShape, context);
  };
  const head = await fit(examples.train);
  const network = await context.engine.open(head);
  const epoch = await measure(network, prepared.examples, context);
  jobContext.report(stage('train'));
  world.log('stage-head', { job: job.id, validationLoss: epoch.validationLoss, validationAccuracy: epoch.validationAccuracy });
  return {
    ...prepared,
    strategy: withEvidence(plan, mixtureEvidence(mixture, { task: options.task, classes: examples.train.classes })),
    training,
    network,
    model: head,
    head,
    trains: 'stage-head',
    async retrain({ rows }) {
      const model = await fit(
        rows === undefined ? examples.trainAndValidation : subsetOf(examples.trainAndValidation, rows.train),
      );
      return { network: await context.engine.open(model), model, head: model };
    },
    async scoreFolds(folds) {
      const { trainAndValidation } = examples;
      const leftOut = folds.map(({ validation }) => validation);
      return scoreHeldOut(trainAndValidation, mixture, leftOut, {
        ...options,
        weights: imageWeights(trainAndValidation, context),
      });
    },
    history: [epoch],
    bestEpoch: 1,
    seconds: seconds(),
  };
}

function headOf({ kernel, bias }: LinearHead, featureShape: readonly number[], context: TrainingContext): LayersModel {
  const model = zeroHead(featureShape, context);
  const classes = bias.length;
  tf.tidy(() => model.setWeights([tf.tensor2d(kernel, [kernel.length / classes, classes]), tf.tensor1d(bias)]));
  return model;
}

/** The metrics of the fit, as the only epoch of its history. */
async function measure(
  network: EngineNetwork,
  { train, validation }: TrainedHead['examples'],
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
