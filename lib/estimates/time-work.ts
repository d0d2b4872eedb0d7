import { sumOf } from '../arithmetic.ts';
import { type PassCost, passSeconds, probeMultiplications } from '../calibration/pass-seconds.ts';
import type { MachineRates } from '../contracts/machine-profile.ts';
import { closedFormSeconds } from './closed-form-work.ts';
import type { JobWork } from './job-work.ts';
import type { Epochs, TrainingWork } from './training-work.ts';

/** Images per batch through a frozen backbone, at least; the rates are measured with as many. */
const FROZEN_BATCH = 8;
/** Images per batch of a prediction, at least. */
const PREDICTION_BATCH = 16;
/** Overhead of an epoch besides its steps and its validation (checkpoint, event), in steps that compute nothing. */
const STEPS_BESIDES = 8;
/** Overhead of a job besides the counted work (records, reports, package), in starts of a process. */
const STARTS_BESIDES = 0.6;

/** Seconds of a job, by kind of work. */
export interface WorkSeconds {
  readonly start: number;
  readonly features: number;
  readonly train: number;
  readonly evaluate: number;
  /** The part of `train` that strategy `auto` leaves out if time is short. */
  readonly optional: number;
}

export interface TimedCase {
  /** The lowest, usual or highest number of epochs of a training. */
  readonly epochs: keyof Epochs;
  /**
   * What is cached: all trunks and features; those that are stored now; or of those only passes of which all images are
   * stored in each way that the job may fit them, because others may be of another kind of processor.
   */
  readonly cached: 'all' | 'stored' | 'complete';
  /** The factor by which the caller multiplies these seconds, and which must not multiply limits. Default: 1. */
  readonly margin?: number;
}

/** The time of a job on a machine. */
export function timeWork(work: JobWork, rates: MachineRates, { epochs, cached, margin = 1 }: TimedCase): WorkSeconds {
  const { pixels, builds, frozen, variants, probes, comparedHeads, stageHeads, trainings, evaluations } = work;
  const decoding = pixels.file * rates.decode + pixels.input * rates.resize;
  const build = ({ parameters, layers }: { readonly parameters: number; readonly layers: number }): number =>
    (parameters / 1e6) * rates.build + layers * rates.buildLayer;
  const passesOf = (images: number, pass: PassCost): number =>
    images * (decoding + passSeconds(pass, FROZEN_BATCH, rates.trunk) / FROZEN_BATCH);
  const varied = ({ images, pass, mostSeconds }: JobWork['variants'][number]): number =>
    Math.min(passesOf(images, pass), mostSeconds / margin);
  const extraction =
    sumOf(builds, (of) => (of.isStored ? 0 : build(of))) +
    sumOf(frozen, (of) => passesOf(missingOf(of, cached), of.pass)) +
    sumOf(variants, varied);
  const headSeconds = (heads: JobWork['stageHeads']): number => sumOf(heads, (head) => closedFormSeconds(head, rates));
  const probing = sumOf(probes, ({ images, features }) => (probeMultiplications(images, features) / 1e9) * rates.script);
  const trainingSeconds = (some: readonly TrainingWork[]): number =>
    sumOf(some, (training) => training.epochs[epochs] * epochSeconds(training, rates, decoding));
  const evaluationDecoding = trainings.some(({ decodes }) => decodes) ? decoding : 0;
  return {
    start: rates.start * (1 + STARTS_BESIDES),
    features: (cached === 'all' ? 0 : extraction) + probing + headSeconds(comparedHeads),
    train: headSeconds(stageHeads) + trainingSeconds(trainings),
    evaluate:
      sumOf(
        evaluations,
        ({ images, pass }) =>
          images * (evaluationDecoding + passSeconds(pass, PREDICTION_BATCH, rates.inference) / PREDICTION_BATCH),
      ) + build({ parameters: work.parameters, layers: 0 }),
    optional: trainingSeconds(trainings.filter(({ optional }) => optional)),
  };
}

/** Number of images whose features the job computes. */
function missingOf({ images, stored, surelyStored }: JobWork['frozen'][number], cached: TimedCase['cached']): number {
  if (cached === 'all') return 0;
  if (cached === 'stored') return Math.max(0, images - stored);
  return surelyStored >= images ? 0 : images;
}

function epochSeconds(
  { pass, trained, images, validationImages, batchSize, decodes }: TrainingWork,
  { training, inference, update, step }: MachineRates,
  decoding: number,
): number {
  const steps = Math.ceil(images / batchSize);
  const batch = images / Math.max(1, steps);
  const steppingSeconds = steps * (passSeconds(pass, batch, training) + (trained / 1e6) * update + step);
  const evaluationSeconds =
    Math.ceil(validationImages / PREDICTION_BATCH) * passSeconds(pass, Math.min(validationImages, PREDICTION_BATCH), inference);
  return steppingSeconds + evaluationSeconds + STEPS_BESIDES * step + (decodes ? (images + validationImages) * decoding : 0);
}
