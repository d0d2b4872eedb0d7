import { backboneCost } from '../../backbones/backbone-cost.ts';
import { CropComparison } from '../../contracts/crop-comparison.ts';
import type { ChosenStrategy, JobRecord } from '../../contracts/job.ts';
import { evidenceKeys } from '../../contracts/strategy-evidence.ts';
import { countGroups } from '../../datasets/splits/assign-folds.ts';
import { FEWEST_TO_COMPARE_CROPS, leavesOutEnough, mayCompareCrops } from '../../freezing/may-compare-crops.ts';
import { listCheckpointNames } from '../../jobs/attempt-checkpoints.ts';
import { loadOrCompute } from '../../jobs/computed-once.ts';
import type { ObjectStore } from '../../ports.ts';
import { EVEN_WEIGHTING } from '../../training/closed-form/kernel.ts';
import { lossDifference } from '../../training/paired-difference.ts';
import { gainNumbers, withEvidence, withSentence } from '../extend-strategy.ts';
import { probedRows } from '../gather-evidence.ts';
import { oncePerJob } from '../once-per-trial.ts';
import type { TrainingContext } from '../training-context.ts';
import { BACKBONES } from './compare-backbones.ts';
import { describeHeadGain, scoreFrozenBackbone } from './score-frozen-head.ts';

const NAME = 'crop';
/** What a crop leaves out is lost for good, so that chance must not decide. */
const STANDARD_ERRORS = 2;
/**
 * A mixture of all weightings takes two to three times as long, and decided the same on each of ten splits of ants-bees
 * and of brain-mri.
 */
const WEIGHTINGS = [EVEN_WEIGHTING];

/**
 * Decides whether the images of a job are cropped to the aspect ratio of its backbone's input or squeezed to it, where
 * the spec leaves that open: fits a linear head to the frozen features of up to 400 training images both ways, and
 * compares the losses of images that each head was not fitted to. Images are cropped if that lowers the mean loss by
 * more than two standard errors. Images that all belong together show nothing about chance, so they are not compared. It
 * uses neither validation nor test images. An interrupted job keeps its choice.
 * @returns a context whose spec says so, or the given one if nothing was compared
 * @throws as openTrunk and extractFeatures
 */
export async function chooseCrop(context: TrainingContext): Promise<TrainingContext> {
  const { job, world, dataset, split } = context;
  // Other machines that compute the features before the training squeeze the images. The spec says so if this version of
  // Graft has estimated the job.
  const { machines, functions } = job.estimate ?? {};
  if (!mayCompareCrops(job.spec) || machines !== undefined || functions !== undefined) return context;
  const rows = probedRows(split, job.spec.training.seed);
  const sizes = rows.flatMap((row) => dataset.rows.at(row) ?? []);
  const { inputSize } = backboneCost(job.spec.backbone);
  if (rows.length < FEWEST_TO_COMPARE_CROPS || !leavesOutEnough(sizes, inputSize)) return context;
  if (countGroups(dataset, rows) < 2) return context;
  if (await continuesSqueezed(job, world.store)) return context;
  const once = oncePerJob(NAME, CropComparison, context);
  const crop = await loadOrCompute(once, world.store, () => compare(rows, context));
  world.log('crop', { job: job.id, ...crop });
  const backbone = { ...job.spec.backbone, cropToAspectRatio: crop.isCropped };
  return { ...context, crop, job: { ...job, spec: { ...job.spec, backbone } } };
}

/** Whether an earlier attempt has trained without a choice: that of an earlier version of Graft, which squeezed. */
async function continuesSqueezed(job: JobRecord, store: ObjectStore): Promise<boolean> {
  if (job.attempt === 1) return false;
  const names = await listCheckpointNames(job, store);
  return !names.includes(`${NAME}.json`) && names.some((name) => name !== `${BACKBONES}.json`);
}

async function compare(rows: readonly number[], context: TrainingContext): Promise<CropComparison> {
  const { backbone } = context.job.spec;
  const onProgress = (done: number, total: number) => context.jobContext.report({ stage: 'prepare', done, total });
  const options = { rows, weightings: WEIGHTINGS, onProgress };
  const squeezed = await scoreFrozenBackbone(backbone, options, context);
  const cropped = await scoreFrozenBackbone({ ...backbone, cropToAspectRatio: true }, options, context);
  const { gain, standardError } = lossDifference(cropped.losses, squeezed.losses, squeezed);
  return { gain, standardError, isCropped: gain > STANDARD_ERRORS * standardError };
}

/** Adds to a strategy what cropped images gain, if the job compared them. */
export function withCrop<Strategy extends Pick<ChosenStrategy, 'reason' | 'evidence'>>(
  strategy: Strategy,
  crop: CropComparison | undefined,
): Strategy {
  if (crop === undefined) return strategy;
  const numbers = gainNumbers(evidenceKeys.cropGain, crop);
  if (!crop.isCropped) return withEvidence(strategy, numbers);
  const sentence = `Images are cropped to the input's aspect ratio, not squeezed: that lowers ${describeHeadGain(crop)}.`;
  return withSentence(strategy, sentence, numbers);
}
