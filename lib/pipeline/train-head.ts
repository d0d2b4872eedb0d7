import type { LayersModel } from '@tensorflow/tfjs-layers';
import { mean } from '../arithmetic.ts';
import { closeOnFailure } from '../close-on-failure.ts';
import type { HeadLayer } from '../contracts/head-spec.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { buildHead, type HeadOptions } from '../heads/build-head.ts';
import { canTrainInParallel, isConvex } from '../heads/head-properties.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import { concatHistories } from '../training/fit-phases.ts';
import { replayedLosses } from '../training/schedule.ts';
import { scoreByRetraining, scoreInParallel } from './fold-heads.ts';
import type { Network, TrainedHead } from './network.ts';
import { headOptions, layerNames } from './open-network.ts';
import { openTrainable } from './open-trainable.ts';
import { type PreparedExamples, prepareExamples } from './prepare-examples.ts';
import { contextFor, type HeadTraining, headTraining, type RetrainOptions, trainingSet, withSeed } from './retraining.ts';
import { checkPhasesMemory, findRate, trainPhases } from './train-phases.ts';
import type { TrainingContext } from './training-context.ts';

/** Trains a head on the features of a frozen backbone. @param known the features at the cut, if they exist already */
export async function trainHead(
  strategy: TrainedHead['strategy'],
  cut: Plan['cut'],
  context: TrainingContext,
  known?: PreparedExamples,
): Promise<TrainedHead> {
  const { pooling, head } = splitPooling(context.job.spec.head);
  const prepared = known ?? (await prepareExamples(cut, pooling, context));
  return closeOnFailure(prepared, () => trainPrepared({ strategy, layers: head, prepared }, context));
}

interface PreparedHead {
  readonly strategy: TrainedHead['strategy'];
  /** Of the head, without the pooling that the trunk does. */
  readonly layers: readonly HeadLayer[];
  readonly prepared: PreparedExamples;
}

async function trainPrepared({ strategy, layers, prepared }: PreparedHead, context: TrainingContext): Promise<TrainedHead> {
  const seconds = context.work.startTraining();
  const { spec } = context.job;
  const newHead = (of?: HeadTraining, more: Partial<HeadOptions> = {}) =>
    buildHead(layers, prepared.trunk.featureShape, { ...headOptions(context, of), ...more });
  const head = newHead();
  const open = (model: LayersModel) => openTrainable({ model, trainable: layerNames(model) }, context);
  const network = await open(head);
  await checkPhasesMemory(network, context);
  const training = await findRate(spec.training, { network }, prepared.examples, context);
  const phases = [{ trainable: layerNames(head), training }];
  const fitted = concatHistories(await trainPhases('head', network, phases, prepared.examples, context));
  const retraining = retrainSpec(layers, training, fitted.bestEpoch);
  const retrain = async (retrainOptions: RetrainOptions): Promise<Network> => {
    const other = newHead(headTraining(retrainOptions, context));
    const opened = await open(other);
    const phase = {
      trainable: layerNames(other),
      training: withSeed(retraining, retrainOptions),
      ...replayedLosses(retraining, fitted.history),
    };
    await trainPhases(
      retrainOptions.name,
      opened,
      [phase],
      trainingSet(prepared.examples, retrainOptions),
      contextFor(retrainOptions, context),
      {
        keep: 'last',
      },
    );
    return { network: opened, model: other, head: other };
  };
  const scoreFolds: TrainedHead['scoreFolds'] = async (folds, report) => {
    const { trainAndValidation } = prepared.examples;
    if (!canTrainInParallel(layers, training)) return scoreByRetraining({ retrain, trainAndValidation, folds, report }, context);
    // The heads share one prior, and folds hardly differ in size.
    const images = mean(folds.map(({ train }) => train.length));
    const wide = (outputs: number) => newHead({ images }, { classes: outputs });
    const replayed = replayedLosses(retraining, fitted.history);
    const heads = { folds, examples: trainAndValidation, training: retraining, ...replayed, newHead: wide, report };
    return scoreInParallel(heads, context);
  };
  return {
    ...prepared,
    ...fitted,
    strategy,
    training,
    network,
    model: head,
    head,
    trains: 'head',
    retrain,
    scoreFolds,
    seconds: seconds(),
  };
}

/**
 * The training of a head on all training and validation images. For a convex loss with one optimum, constant steps only
 * circle the optimum, so they shrink. Any other head trains for the best number of epochs, within which `cosine` and
 * `oneCycle` run through.
 */
function retrainSpec(head: readonly HeadLayer[], training: TrainingSpec, bestEpoch: number): TrainingSpec {
  if (!isConvex(head, training)) return { ...training, epochs: bestEpoch, earlyStopping: null };
  return { ...training, schedule: { name: 'cosine', warmupEpochs: 0, finalFactor: 0 }, earlyStopping: null };
}
