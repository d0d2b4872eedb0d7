import { foldScaling } from '../models/calibrate-head.ts';
import { epochsOfBegun } from './begun-training.ts';
import type { CalibratedNetwork } from './calibrate-network.ts';
import { unlessFinished } from './finish-early.ts';
import type { FineTunedNetwork, Network, TrainedNetwork } from './network.ts';
import { stage, type TrainingContext } from './training-context.ts';
import { wasFinishedEarly, wasNotRetrained } from './tuning/explain-tuning.ts';
import { hasTime, noTimeToRetrain } from './tuning/tuning-limits.ts';
import { unlessDiverged } from './unless-failed.ts';

/** The network to publish, and how it was trained. */
export interface ServedNetwork extends Network {
  readonly strategy: TrainedNetwork['strategy'];
}

/** Of the training, and of its checkpoints. */
const NAME = 'refit';

/**
 * Retrains the network on training and validation images together, if the job asks for it and has the time. Otherwise
 * the trained network is served, as it is if the retraining of a fine-tuning that strategy `auto` chose diverges. The
 * calibration stays that of the trained network.
 * @throws as trainPhases
 */
export async function retrainOnAll(
  trained: TrainedNetwork,
  { calibration }: CalibratedNetwork,
  context: TrainingContext,
): Promise<ServedNetwork> {
  const { job, jobContext, work } = context;
  const { strategy } = trained;
  // With `freeze`, a tail trains as in Keras, which retrains nothing.
  if (!job.spec.training.refit || trained.trains === 'tail') return trained;
  const fineTuned = trained.trains === 'head-then-tail' ? trained : undefined;
  if (fineTuned !== undefined && !(await hasTimeToRetrain(fineTuned, context)))
    return { ...trained, strategy: wasNotRetrained(strategy, noTimeToRetrain(context)) };
  jobContext.report({ ...stage('train'), phase: 'retraining' });
  const train = () => work.time('train', () => trained.retrain({ name: NAME }));
  const retrain = async (): Promise<ServedNetwork> => {
    // Only a fine-tuned network takes long to retrain.
    const retrained = fineTuned === undefined ? await train() : await unlessFinished(context, train);
    if (retrained === undefined) {
      return { ...trained, strategy: wasFinishedEarly(strategy, 'retraining on training and validation images') };
    }
    foldScaling(retrained.head, calibration.scaling);
    return { ...retrained, strategy };
  };
  if (fineTuned?.timed === undefined) return retrain();
  const asTrained = (why: string) => {
    const when = 'when it was retrained on training and validation images';
    return { ...trained, strategy: wasNotRetrained(strategy, `${when}, ${why}`) };
  };
  return unlessDiverged(NAME, retrain, asTrained, context);
}

/**
 * Whether there is time for what is left of a retraining that an earlier attempt may have begun, and for what must
 * follow. The time of a strategy that the user names is not limited.
 */
async function hasTimeToRetrain({ tuning, timed }: FineTunedNetwork, context: TrainingContext): Promise<boolean> {
  if (timed === undefined) return true;
  const done = (await epochsOfBegun(`${tuning}-${NAME}`, context)) ?? 0;
  const left = timed.retraining * Math.max(0, 1 - done / timed.epochs);
  return hasTime(left + timed.crossValidation, timed, context);
}
