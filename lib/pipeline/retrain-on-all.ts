import { foldScaling } from '../models/calibrate-head.ts';
import type { CalibratedNetwork } from './calibrate-network.ts';
import { unlessFinished, wasFinishedEarly } from './finish-early.ts';
import { hasTimeOnce } from './has-time-once.ts';
import type { Network, TrainedNetwork } from './network.ts';
import { stage, type TrainingContext } from './training-context.ts';
import { hasTime, wasNotRetrained } from './tuning-limits.ts';

/** The network to publish, and how it was trained. */
export interface ServedNetwork extends Network {
  readonly strategy: TrainedNetwork['strategy'];
}

/**
 * Retrains the network on training and validation images together, if the job asks for it and has the time. Otherwise
 * the trained network is served. The calibration stays that of the trained network.
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
    const seconds = timed.retraining + timed.crossValidation;
    const mayRetrain = await hasTimeOnce('retrains-on-all', context, () => hasTime(seconds, timed, context));
    if (!mayRetrain) return { ...trained, strategy: wasNotRetrained(strategy, context) };
  }
  jobContext.report({ ...stage('train'), phase: 'retraining' });
  const retrain = () => work.time('train', () => trained.retrain({ name: 'refit' }));
  // Only a fine-tuned network takes long to retrain, and has no scores of folds.
  const retrained = trained.scoreFolds === undefined ? await unlessFinished(context, retrain) : await retrain();
  if (retrained === undefined) {
    return { ...trained, strategy: wasFinishedEarly(strategy, 'retraining on training and validation images') };
  }
  foldScaling(retrained.head, calibration.scaling);
  return { ...retrained, strategy };
}
