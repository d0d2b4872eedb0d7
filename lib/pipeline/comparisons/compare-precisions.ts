/** Chooses between int8 and float32 for the features of a job that asks for int8. */
import { z } from 'zod';
import { product, round, spreadEvenly } from '../../arithmetic.ts';
import { Time } from '../../contracts/names.ts';
import { BackbonePrecision } from '../../contracts/precision.ts';
import { compareSpeed, TrunkSpeeds } from '../../features/compare-speed.ts';
import { type CalibrationImages, openInt8Trunk } from '../../features/int8-trunk.ts';
import { openTrunk } from '../../features/open-trunk.ts';
import { readFeatures } from '../../features/stage-features.ts';
import type { Trunk, TrunkEnd } from '../../features/trunk.ts';
import type { Plan } from '../../freezing/plan-strategy.ts';
import { splitPooling } from '../../heads/split-pooling.ts';
import { loadOrCompute } from '../../jobs/computed-once.ts';
import { computesInt8 } from '../../onnx/computes-int8.ts';
import { processorKind } from '../../onnx/processor-kind.ts';
import { selectedDevice } from '../../onnx/selected-device.ts';
import { countCalibrationImages } from '../../quantization/count-calibration-images.ts';
import { choosePrecision, float32Because, int8Already, isFaster, type PrecisionLosses } from '../../search/choose-precision.ts';
import { averageMaps } from '../../training/average-maps.ts';
import { lossDifference, weightedMean } from '../../training/paired-difference.ts';
import { withSentence } from '../extend-strategy.ts';
import { preparationOptions } from '../extraction-options.ts';
import { probedRows } from '../gather-evidence.ts';
import { hashesOf } from '../hashes-of.ts';
import { keepTiming, readTiming } from '../kept-timings.ts';
import { oncePerJob } from '../once-per-trial.ts';
import { calibrationOf } from '../open-job-trunk.ts';
import { stage, type TrainingContext } from '../training-context.ts';
import { type FrozenScores, scoreFrozenHead } from './score-frozen-head.ts';

/** A plan, and the context to train it in. */
export interface PlannedPrecision {
  /** With both precisions' numbers in its reason and evidence. */
  readonly plan: Plan;
  /** With the precision of the trunk. */
  readonly context: TrainingContext;
}

/**
 * Chooses the precision of the trunk of a job with `backbone.precision: "int8"`. Calibrates the int8 trunk on training
 * images and times both on this machine. If int8 is clearly faster, it fits a linear head to the features of both for up to 400
 * training images, and compares their losses on images that the heads were not fitted to. It uses neither validation
 * nor test images. An interrupted job keeps its choice.
 * @returns what was given if the spec does not ask for int8
 * @throws as openTrunk, openInt8Trunk, compareSpeed and extractFeatures
 */
export async function comparePrecisions(plan: Plan, context: TrainingContext): Promise<PlannedPrecision> {
  const { job, world, jobContext } = context;
  if (job.spec.backbone.precision !== 'int8') return { plan, context };
  jobContext.report(stage('prepare'));
  const once = oncePerJob('precision', BackbonePrecision, context);
  const precision = await loadOrCompute(once, world.store, () => measureBoth(endOf(plan, context), context));
  const { used, reason } = precision;
  world.log('precision', { job: job.id, used, reason });
  return {
    plan: withSentence(plan, reason, numbersOf(precision)),
    context: { ...context, precision },
  };
}

/** The end of the trunk whose features the plan trains on, as in `trainPlan`: in int8, the backbone stays frozen. */
function endOf({ cut }: Plan, { job }: TrainingContext): TrunkEnd {
  if (cut === 'stages') return { cut: 'stages', pooling: undefined };
  return { cut, pooling: splitPooling(job.spec.head).pooling };
}

async function measureBoth(end: TrunkEnd, context: TrainingContext): Promise<BackbonePrecision> {
  const { job, world, jobContext, split } = context;
  const device = selectedDevice();
  const unmeasured = { processor: processorKind(device), calibrationImages: [], float32: {}, int8: {} };
  const float32 = await openTrunk(job.spec.backbone, end, world.store, jobContext.signal);
  if (device !== 'cpu') {
    if (computesInt8(float32.onnx)) return { ...unmeasured, ...int8Already };
    return { ...unmeasured, ...float32Because(`Graft runs int8 on the CPU alone, and GRAFT_DEVICE is ${device}`) };
  }
  const known = (await readTiming(speedsOfTrunk(float32), world))?.speeds;
  if (known !== undefined && !isFaster(known)) return { ...unmeasured, ...speedsOf(known), ...choosePrecision(known) };
  const calibration = calibrationOf(calibrationImages(float32, context), float32, {
    store: world.store,
    signal: jobContext.signal,
  });
  const int8 = await openInt8Trunk(float32, calibration, world.store);
  if ('why' in int8) return { ...unmeasured, ...(int8.isInt8 ? int8Already : float32Because(int8.why)) };
  jobContext.signal.throwIfAborted();
  const speeds = known ?? (await measureSpeeds(float32, int8, calibration, context));
  const measured = { ...unmeasured, ...int8.int8, ...speedsOf(speeds) };
  if (!isFaster(speeds)) return { ...measured, ...choosePrecision(speeds) };
  const rows = probedRows(split, job.spec.training.seed);
  const [before, after] = [await scoresOf(float32, rows, context), await scoresOf(int8, rows, context)];
  const losses = {
    float32: weightedMean(before.losses, before.weights),
    int8: weightedMean(after.losses, after.weights),
    difference: lossDifference(after.losses, before.losses, before),
  };
  return { ...measured, ...withLosses(measured, losses), ...choosePrecision(speeds, losses) };
}

/** Enough for stable ranges: the benchmark `int8-trunk` calibrates on as many. */
const CALIBRATION_IMAGES = 64;

/** SHA-256 of training images, evenly spread. */
function calibrationImages({ inputSize }: Trunk, { dataset, split: { train } }: TrainingContext): string[] {
  return hashesOf(dataset, spreadEvenly(train, countCalibrationImages(CALIBRATION_IMAGES, inputSize)));
}

const KeptSpeeds = z.strictObject({ measuredAt: Time, speeds: TrunkSpeeds });

/** The speeds of a trunk among the timings of this machine. */
function speedsOfTrunk({ key }: Trunk) {
  return { name: `int8-${key.slice(0, 16)}`, schema: KeptSpeeds, failureEvent: 'precision.not-kept' };
}

async function measureSpeeds(
  float32: Trunk,
  int8: Trunk,
  calibration: CalibrationImages,
  { world, jobContext }: TrainingContext,
): Promise<TrunkSpeeds> {
  const speeds = await compareSpeed(float32, int8, await calibration.read(), jobContext.signal);
  const measured = { measuredAt: world.clock.now().toISOString(), speeds };
  return (await keepTiming(speedsOfTrunk(float32), measured, world)).speeds;
}

/** Scores of a linear head on the features of a trunk, each of an image that the head was not fitted to. */
async function scoresOf(trunk: Trunk, rows: readonly number[], context: TrainingContext): Promise<FrozenScores> {
  const { dataset, work } = context;
  const images = hashesOf(dataset, rows);
  const inputs = await work.time('features', () => readFeatures(trunk, images, preparationOptions(context)));
  const channels = trunk.featureShape.at(-1) ?? 1;
  const positions = product(trunk.featureShape) / channels;
  const vectors = positions > 1 ? averageMaps(inputs, positions, channels) : inputs;
  return scoreFrozenHead({ rows, inputs: vectors, blocks: trunk.blocks }, context);
}

function speedsOf({ float32, int8 }: TrunkSpeeds): Pick<BackbonePrecision, 'float32' | 'int8'> {
  return { float32: { imagesPerSecond: float32 }, int8: { imagesPerSecond: int8 } };
}

function withLosses(
  { float32, int8 }: Pick<BackbonePrecision, 'float32' | 'int8'>,
  { difference: { gain, standardError, images }, ...losses }: PrecisionLosses,
): Pick<BackbonePrecision, 'float32' | 'int8' | 'difference'> {
  return {
    float32: { ...float32, negativeLogLikelihood: losses.float32 },
    int8: { ...int8, negativeLogLikelihood: losses.int8 },
    difference: { negativeLogLikelihood: -gain, ...(Number.isFinite(standardError) && { standardError }), images },
  };
}

/** The measurements as numbers for the job's record. */
function numbersOf({ float32, int8, difference }: BackbonePrecision): Record<string, number> {
  const numbers = {
    float32ImagesPerSecond: float32.imagesPerSecond,
    int8ImagesPerSecond: int8.imagesPerSecond,
    float32Loss: float32.negativeLogLikelihood,
    int8Loss: int8.negativeLogLikelihood,
    int8LossError: difference?.standardError,
  };
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([name, value]) => (value === undefined ? [] : [[name, round(value)]])),
  );
}
