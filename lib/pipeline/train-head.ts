import type { HeadLayer } from '../contracts/head-spec.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { buildHead, type HeadOptions } from '../heads/build-head.ts';
import { isConvex, trainsSideBySide } from '../heads/calibration-folds.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import { startStopwatch } from '../stopwatch.ts';
import { inOneRow } from '../training/fit-phases.ts';
import { scoreByRetraining, scoreSideBySide } from './fold-heads.ts';
import {
  type Anew,
  contextFor,
  headOptions,
  learningSet,
  type Network,
  namesOf,
  seeded,
  type TrainedNetwork,
} from './network.ts';
import { type PreparedExamples, prepareExamples, type TrainingContext } from './prepare-examples.ts';
import { foretellMemory, trainPhases, withFoundRate } from './train-phases.ts';

/** Trains a head on the features of a frozen backbone. @param known the features at the cut, where they are there already */
export async function trainHead(
  strategy: TrainedNetwork['strategy'],
  cut: Plan['cut'],
  context: TrainingContext,
  known?: PreparedExamples,
): Promise<TrainedNetwork> {
  const { spec } = context.job;
  const time = startStopwatch(context.world.clock);
  const { pooling, head: layers } = splitPooling(spec.head);
  const prepared = known ?? (await prepareExamples(cut, pooling, context));
  const features = time.lap();
  const newHead = (seed?: number, more: Partial<HeadOptions> = {}) =>
    buildHead(layers, prepared.trunk.featureShape, { ...headOptions(context, seed), ...more });
  const head = newHead();
  await foretellMemory(head, context);
  const training = await withFoundRate(spec.training, { model: head }, prepared.examples, context);
  const phases = [{ trainable: namesOf(head), training }];
  const fitted = inOneRow(await trainPhases('head', head, phases, prepared.examples, context));
  const again = async (anew: Anew): Promise<Network> => {
    const other = newHead(anew.seed);
    const phase = { trainable: namesOf(other), training: seeded(refitTraining(layers, training, fitted.bestEpoch), anew) };
    await trainPhases(anew.name, other, [phase], learningSet(prepared.examples, anew), contextFor(anew, context), {
      keep: 'last',
    });
    return { network: other, head: other };
  };
  const scoreFolds: TrainedNetwork['scoreFolds'] = async (folds, report) => {
    const { both } = prepared.examples;
    if (!trainsSideBySide(layers, training)) return scoreByRetraining({ again, both, folds, report }, context);
    const refit = refitTraining(layers, training, fitted.bestEpoch);
    const wide = (outputs: number) => newHead(undefined, { classes: outputs });
    return scoreSideBySide({ folds, examples: both, training: refit, newHead: wide, report }, context);
  };
  const seconds = { features, train: time.lap() };
  return { ...prepared, ...fitted, strategy, training, network: head, head, mayRefit: true, again, scoreFolds, seconds };
}

/**
 * How a head is trained on all images that it may learn from. Where there is one best answer, constant steps only circle it; they shrink until it
 * is reached. Any other head gets as many epochs as did it good.
 */
function refitTraining(head: readonly HeadLayer[], training: TrainingSpec, bestEpoch: number): TrainingSpec {
  if (!isConvex(head)) return { ...training, epochs: bestEpoch, earlyStopping: null };
  return { ...training, schedule: { name: 'cosine', warmupEpochs: 0, finalFactor: 0 }, earlyStopping: null };
}
