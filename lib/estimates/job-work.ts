import type { CutCost } from '../backbones/count-costs.ts';
import type { PassCost } from '../calibration/pass-seconds.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import { INTERPOLATION_SHARES, type JobSpec } from '../contracts/job-spec.ts';
import { firstTrunkEnd } from '../features/first-trunk-end.ts';
import type { TrunkEnd } from '../features/trunk.ts';
import { trunkCost } from '../freezing/cut-plan.ts';
import { type TuningAugmentation, tuningAugmentation, VARIANTS_SHARE } from '../freezing/tuning-augmentation.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import { augmentSteps } from '../images/augment/presets.ts';
import type { Augmentation } from '../images/augment.ts';
import { type ClosedFormWork, comparedHeads, stageHeads } from './closed-form-work.ts';
import { comparesCrops } from './compares-crops.ts';
import { featureFileBytes, memoryOf } from './job-memory.ts';
import { trainingsOf } from './job-trainings.ts';
import type { PlanOption } from './plan-options.ts';
import { fitOf, noneStored, type StoredImages, type StoredImagesOf, storedFor } from './stored-images.ts';
import type { TrainingWork } from './training-work.ts';
import { tailCost, trainedCost, type WorkFacts, workFacts } from './work-facts.ts';

/** A backbone to build and to export as a graph. */
export interface BuildWork extends Pick<CutCost, 'parameters' | 'layers'> {
  /** Whether features of its graph are stored, and so the graph. */
  readonly isStored: boolean;
}

/** A pass of images through a frozen part of the backbone, once for each image. */
export interface FrozenWork {
  readonly images: number;
  /** Number of these images whose features are stored: probably, and whether or not the job chooses to crop them. */
  readonly stored: number;
  readonly surelyStored: number;
  readonly pass: PassCost;
  /** For the features of all images: where the frozen part ends. */
  readonly end?: TrunkEnd;
}

/** The work of one plan of a job, in numbers that do not depend on the machine. */
export interface JobWork {
  readonly option: PlanOption;
  /** Backbones that the job builds and exports as graphs. */
  readonly builds: readonly BuildWork[];
  /** Passes of images through a frozen part of the backbone. */
  readonly frozen: readonly FrozenWork[];
  /** Passes of random variants of images, as far as they take no more than so many seconds. */
  readonly variants: readonly { readonly images: number; readonly pass: PassCost; readonly mostSeconds: number }[];
  /** The linear probes of strategy `auto` on the features of each stage, and the heads that a job compares before it trains. */
  readonly probes: readonly { readonly images: number; readonly features: number }[];
  readonly comparedHeads: readonly ClosedFormWork[];
  /** The fits of a head on all stages. */
  readonly stageHeads: readonly ClosedFormWork[];
  readonly trainings: readonly TrainingWork[];
  /** Passes of images through the trained network, to evaluate it. */
  readonly evaluations: readonly { readonly images: number; readonly pass: PassCost }[];
  /** Millions of pixels of one image: of the file, and of the network's input. */
  readonly pixels: { readonly file: number; readonly input: number };
  readonly parameters: number;
  /** Bytes of weights, gradients, optimizer, features and one batch. */
  readonly memory: number;
  /** Bytes of features that the job reads at the same time, for which the machine needs temporary files. */
  readonly featureFiles: number;
}

const none = { stored: 0, surelyStored: 0 };

/** Passes of images that take as long as to calibrate an int8 trunk, and to time it against float32. */
const CALIBRATING_PASSES = 1000;

/**
 * The work of one plan of a job.
 * @param storedOf what earlier jobs have stored; default: nothing
 * @throws SpecError as backboneCost
 */
export function jobWork(
  spec: JobSpec,
  report: DatasetReport,
  option: PlanOption,
  storedOf: StoredImagesOf = noneStored,
): JobWork {
  const facts = workFacts(spec, report, option);
  const [height, width] = facts.inputSize;
  const used = usedTrunks(facts, storedOf);
  return {
    option,
    builds: buildsOf(used, facts),
    frozen: frozenPasses(used, facts),
    variants: variantPasses(used, facts),
    probes: probesOf(facts),
    comparedHeads: headsToCompare(facts),
    stageHeads: stageHeads(facts),
    trainings: trainingsOf(facts),
    evaluations: evaluationPasses(facts),
    pixels: { file: (report.sizes.width.median * report.sizes.height.median) / 1e6, input: (height * width) / 1e6 },
    parameters: facts.total.parameters + facts.head.parameters,
    memory: memoryOf(facts),
    featureFiles: featureFileBytes(facts),
  };
}

/** A frozen part of the backbone whose features train a head or a tail. */
interface UsedTrunk {
  readonly cost: CutCost;
  readonly end: TrunkEnd;
  /** Numbers of images. */
  readonly stored: StoredImages;
}

interface UsedTrunks {
  readonly ofHead: readonly UsedTrunk[];
  readonly ofTails: readonly UsedTrunk[];
  readonly all: readonly UsedTrunk[];
}

function usedTrunks(facts: WorkFacts, storedOf: StoredImagesOf): UsedTrunks {
  const { spec, option, split, tuned } = facts;
  const used = (cost: CutCost, end: TrunkEnd): UsedTrunk => ({ cost, end, stored: storedOf(spec.backbone, end) });
  const first = firstTrunkEnd(spec, split.train);
  const headEnd = headEndOf(facts, first);
  const ofHead = headEnd === undefined ? [] : [used(facts.top, headEnd)];
  const withStages = spec.effort === 'best' && option.chosenBy === 'auto' && first.cut === 'stages';
  const ofTails = tuned.flatMap(({ cut }) => {
    const cost = trunkCost({ cut }, spec.backbone);
    return cost === undefined ? [] : [used(cost, { cut, pooling: undefined, ...(withStages && { withStages }) })];
  });
  return { ofHead, ofTails, all: [...ofHead, ...ofTails] };
}

/** The end of the trunk whose features a head trains on; undefined if none does. */
function headEndOf({ spec, option: { plan } }: WorkFacts, first: TrunkEnd): TrunkEnd | undefined {
  switch (plan.trains) {
    case 'head':
      return plan.cut === 'top' ? first : { cut: plan.cut, pooling: splitPooling(spec.head).pooling };
    case 'stage-head':
    case 'head-then-tail':
      return first;
    case 'tail':
      return undefined;
  }
}

function buildsOf({ all }: UsedTrunks, { option, total, tuned }: WorkFacts): JobWork['builds'] {
  const networks = [...(option.chosenBy === 'auto' ? [total] : []), ...tuned.map(() => total)];
  return [
    ...all.map(({ cost, stored }) => ({ ...cost, isStored: Math.max(stored.squeezed, stored.cropped) > 0 })),
    ...networks.map((network) => ({ ...network, isStored: false })),
  ];
}

function frozenPasses({ ofHead, all }: UsedTrunks, facts: WorkFacts): JobWork['frozen'] {
  const { spec, report, option, sample, total, top } = facts;
  const [first] = ofHead;
  // The other way to fit the images to the input, of as many images as are compared.
  const other = first === undefined ? 0 : Math.min(sample, first.stored.squeezed, first.stored.cropped);
  const fit = fitOf(spec.backbone, comparesCrops(spec, report));
  const isProbed = option.chosenBy === 'auto' && first?.end.cut !== 'stages';
  return [
    ...all.map(({ cost, end, stored }) => {
      const { likely, sure } = storedFor(stored, fit);
      return { images: report.accepted, stored: likely, surelyStored: sure, pass: cost, end };
    }),
    ...(comparesMirrored(facts) ? [{ images: sample, ...none, pass: total }] : []),
    // Otherwise the evidence reads the first features.
    ...(isProbed ? [{ images: sample, ...none, pass: total }] : []),
    ...(fit === 'either' ? [{ images: sample, stored: other, surelyStored: other, pass: total }] : []),
    ...(comparesInt8(facts) ? [{ images: sample + CALIBRATING_PASSES, ...none, pass: top }] : []),
  ];
}

function variantPasses({ ofHead, ofTails }: UsedTrunks, facts: WorkFacts): JobWork['variants'] {
  const { spec, option, trainAndValidation } = facts;
  const { training, fineTuning } = spec;
  const passes = (trunks: readonly UsedTrunk[], augmentation: Augmentation, mostSeconds: number) =>
    augmentSteps(augmentation).length === 0
      ? []
      : trunks.map(({ cost: pass }) => ({ images: training.augmentVariants * trainAndValidation, pass, mostSeconds }));
  const mostSeconds = option.chosenBy === 'auto' ? VARIANTS_SHARE * fineTuning.budgetMinutes * 60 : Number.POSITIVE_INFINITY;
  return [
    ...passes(ofHead, training.augment, Number.POSITIVE_INFINITY),
    ...passes(ofTails, augmentationOf(facts)?.augmentation ?? training.augment, mostSeconds),
  ];
}

function probesOf({ option, sample, cuts }: WorkFacts): JobWork['probes'] {
  return option.chosenBy === 'auto' ? cuts.map(({ channels }) => ({ images: sample, features: channels })) : [];
}

/** Each comparison fits a head to the features of both sides. */
function headsToCompare(facts: WorkFacts): JobWork['comparedHeads'] {
  return [
    ...(comparesMirrored(facts) ? comparedHeads(facts, { wide: false }) : []),
    ...(comparesCrops(facts.spec, facts.report) ? comparedHeads(facts, { wide: false }) : []),
    ...(comparesInt8(facts) ? comparedHeads(facts, { wide: true }) : []),
  ];
}

function evaluationPasses(facts: WorkFacts): JobWork['evaluations'] {
  const { spec, report, option, split, trainAndValidation, validations, tuned } = facts;
  const { folds = 1 } = spec.training;
  const images = 2 * split.validation + report.accepted * spec.split.test + validations * (trainAndValidation / folds);
  const interpolates = option.plan.trains === 'head-then-tail' && spec.fineTuning.blend;
  return [
    { images, pass: trainedCost(facts) },
    ...(interpolates ? tuned : []).map((of) => ({
      images: INTERPOLATION_SHARES.length * split.validation,
      pass: tailCost(facts, of),
    })),
  ];
}

/** The random transforms of the images of a fine-tuning that begins with a trained head. */
function augmentationOf({ spec, option: { chosenBy, plan }, split }: WorkFacts): TuningAugmentation | undefined {
  if (plan.trains !== 'head-then-tail') return undefined;
  return tuningAugmentation(spec, { chosenBy, trainingImages: split.train });
}

/** Whether the job finds out if mirrored images help. */
function comparesMirrored(facts: WorkFacts): boolean {
  return augmentationOf(facts)?.isAutoAugmentation === true;
}

/** Whether the job compares a backbone in int8 with one in float32. */
function comparesInt8({ spec }: WorkFacts): boolean {
  return spec.backbone.precision === 'int8';
}
