import { checkTuning } from '../backbones/own/check-tuning.ts';
import type { JobRecord } from '../contracts/job.ts';
import { withExternalImages } from '../datasets/external/external-store.ts';
import { checkSplit } from '../datasets/splits/check-split.ts';
import { splitVersion } from '../datasets/splits/split-version.ts';
import { openDataset } from '../datasets/versions/dataset-store.ts';
import type { JobContext } from '../jobs/work-on-job.ts';
import type { World } from '../ports.ts';
import { mayTrainOwnModel } from '../search/may-train-own-model.ts';
import { checkHeldOut } from './check-held-out.ts';
import { checkFolds } from './cross-validate.ts';
import { openEngine } from './open-engine.ts';
import { stage, type TrainingContext } from './training-context.ts';
import { startWorkLog } from './work-log.ts';

/**
 * Opens the data set of a job, splits it and starts the engine.
 * @throws SpecError FOLDS_TOO_MANY, before anything trains; as openDataset, splitVersion, checkSplit, openEngine,
 * checkTuning and checkHeldOut
 */
export async function openTraining(job: JobRecord, given: World, jobContext: JobContext): Promise<TrainingContext> {
  const { spec } = job;
  const world = await withExternalImages(spec.dataset, given);
  const work = startWorkLog(world.clock);
  jobContext.report(stage('prepare'));
  const engine = await openEngine(job, world);
  const { own, inputSize } = spec.backbone;
  if (own !== undefined && mayTrainOwnModel(spec)) await checkTuning({ own, inputSize }, world.store);
  const dataset = await openDataset(spec.dataset, world.store);
  if (dataset.unlabelled > 0) world.log('dataset.unlabelled', { job: job.id, leftOut: dataset.unlabelled });
  const options = { lineage: job.datasetLineage, signal: jobContext.signal };
  const split = await splitVersion(dataset, spec.split, spec.training.seed, world.store, options);
  if (split.leakingGroups.length > 0) world.log('split.leakage', { job: job.id, sets: split.leakingGroups.length });
  if (spec.task !== 'one-class') checkSplit(split, dataset);
  checkFolds({ spec, dataset, split });
  const seenByBackbone = await checkHeldOut(spec, { dataset, split }, world, jobContext.signal);
  return { job, world, jobContext, engine, dataset, split, seenByBackbone, work };
}
