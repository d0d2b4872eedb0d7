import { foldScaling } from '../models/calibrate-head.ts';
import { epochsOfBegun } from './begun-training.ts';
import type { CalibratedNetwork } from './calibrate-network.ts';
import { unlessFinished } from './finish-early.ts';
import type { Network, TrainedNetwork } from './network.ts';
import { stage, type TrainingContext } from './training-context.ts';
import { wasFinishedEarly, wasNotRetrained } from './tuning/explain-tuning.ts';
import { hasTime, noTimeToRetrain } from './tuning/tuning-limits.ts';
import type { TuningTimes } from './tuning/tuning-times.ts';
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
  const { strategy, timed } = trained;
  if (!job.spec.training.refit || !trained.canRetrain) return trained;
  if (timed !== undefined) {
    const seconds = await secondsOfRest(timed, trained, context);
    if (!hasTime(seconds, timed, context)) return { ...trained, strategy: wasNotRetrained(strategy, noTimeToRetrain(context)) };
  }
  jobContext.report({ ...stage('train'), phase: 'retraining' });
  const train = () => work.time('train', () => trained.retrain({ name: NAME }));
  const retrain = async (): Promise<ServedNetwork> => {
    // Only a fine-tuned network takes long to retrain, and has no scores of folds.
    const retrained = trained.scoreFolds === undefined ? await unlessFinished(context, train) : await train();
    if (retrained === undefined) {
      return { ...trained, strategy: wasFinishedEarly(strategy, 'retraining on training and validation images') };
    }
    foldScaling(retrained.head, calibration.scaling);
    return { ...retrained, strategy };
  };
  if (timed === undefined) return retrain();
  const asTrained = (why: string) => {
    const when = 'when it was retrained on training and validation images';
    return { ...trained, strategy: wasNotRetrained(strategy, `${when}, ${why}`) };
  };
  return unlessDiverged(NAME, retrain, asTrained, context);
}

/** What is left of a retraining that an earlier attempt may have begun, and of what must follow. */
async function secondsOfRest(
  { retraining, epochs, crossValidation }: TuningTimes,
  { tuning }: TrainedNetwork,
  context: TrainingContext,
): Promise<number> {
  const done = tuning === undefined ? undefined : await epochsOfBegun(`${tuning}-${NAME}`, context);
  return retraining * Math.max(0, 1 - (done ?? 0) / epochs) + crossValidation;
}
