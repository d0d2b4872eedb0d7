import { sum } from '../arithmetic.ts';
import { backboneCost } from '../backbones/backbone-cost.ts';
import type { CutCost } from '../backbones/count-costs.ts';
import type { PassCost } from '../calibration/pass-seconds.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import { BLEND_SHARES, type JobSpec } from '../contracts/job-spec.ts';
import { FEWEST_TO_COMPARE_CROPS, leavesOutEnough, mayCompareCrops } from '../freezing/compares-crops.ts';
import { type CutPlan, trunkCost } from '../freezing/cut-plan.ts';
import { PROBED } from '../freezing/evidence.ts';
import { patchCuts } from '../freezing/patch-cuts.ts';
import { beginsWithStages } from '../freezing/plan-strategy.ts';
import { tuningAugmentation, VARIANTS_SHARE } from '../freezing/tuning-augmentation.ts';
import { COMPARISON_FOLDS, calibrationFolds, ENOUGH_VALIDATION_IMAGES } from '../heads/calibration-folds.ts';
import { headCost } from '../heads/head-cost.ts';
import { canTrainInParallel } from '../heads/head-properties.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import { augmentSteps } from '../images/augment/presets.ts';
import type { Augmentation } from '../images/augment.ts';
import type { ImageSize } from '../images/resize-bilinear.ts';
import { mostImages, refusalRate } from './detector-images.ts';
import type { PlanOption } from './plan-options.ts';
import { refitEpochs, type TrainingWork, trainingOfHead, trainingOfTail } from './training-work.ts';

/** The work of one plan of a job, in numbers that do not depend on the machine. */
export interface JobWork {
  readonly option: PlanOption;
  /** Backbones that the job builds and exports as graphs. */
  readonly builds: readonly Pick<CutCost, 'parameters' | 'layers'>[];
  /**
   * Passes of images through a frozen part of the backbone; for the features of all images, unless they are cached.
   */
  readonly frozen: readonly { readonly images: number; readonly pass: PassCost }[];
  /** Passes of random variants of images, as far as they take no more than so many seconds. */
  readonly variants: readonly { readonly images: number; readonly pass: PassCost; readonly mostSeconds: number }[];
  /** The linear probes of strategy `auto` on the features of each stage. */
  readonly probes: readonly { readonly images: number; readonly features: number }[];
  readonly trainings: readonly TrainingWork[];
  /** Passes of images through the trained network. */
  readonly asked: readonly { readonly images: number; readonly pass: PassCost }[];
  /** Millions of pixels of one image: of the file, and of the network's input. */
  readonly pixels: { readonly file: number; readonly input: number };
  readonly parameters: number;
  /** Bytes of weights, gradients, optimizer, features and one batch. */
  readonly memory: number;
}

const FLOAT_BYTES = 4;
/** Weights, their gradients, and two moments of the optimizer. */
const COPIES = 4;
/** Node.js, TensorFlow, ONNX Runtime and image buffers. */
const BASE_BYTES = 1e9;

/** Fitting a head in closed form takes as long as this many linear probes on the features of all stages. */
const CLOSED_FORM_PROBES = 8;

/** Passes of images that take as long as to calibrate an int8 trunk, and to time it against float32. */
const CALIBRATING_PASSES = 1000;

/** The work of one plan of a job. @throws SpecError as backboneCost */
export function jobWork(spec: JobSpec, report: DatasetReport, option: PlanOption): JobWork {
  const { backbone, training, fineTuning } = spec;
  const { plan } = option;
  const { total, cuts, inputSize } = backboneCost(backbone);
  const [height, width] = inputSize;
  const images = report.accepted;
  const split = { train: images * spec.split.train, validation: images * spec.split.validation };
  const { pooling, head } = splitPooling(spec.head);
  const pooled = pooling === 'globalAveragePool' || pooling === 'globalMaxPool';
  const places = (at: CutCost): number => Math.ceil(height / at.stride) * Math.ceil(width / at.stride);
  const headOn = (at: CutCost) => {
    const features = at.channels * (pooled ? 1 : places(at));
    const { multiplyAdds, parameters } = headCost(head, features, report.classes.length);
    return { pass: { multiplyAdds, depthwise: 0, elements: features, layers: head.length }, parameters, features };
  };

  const cut = trunkCost(plan, backbone);
  const frozenTop = plan.tail ? total : (cut ?? total);
  const headOf = headOn(plan.tail ? total : frozenTop);
  const tailOf = (of: CutPlan): PassCost & { parameters: number } => plus(minus(total, trunkCost(of, backbone)), headOf);
  const tuned = option.deeper === undefined || !plan.tail ? [plan] : [plan, option.deeper];

  const tuning =
    plan.tail && plan.warmUp ? tuningAugmentation(spec, { isAutoTuning: option.chosen, trainingImages: split.train }) : undefined;
  const tailCuts = plan.tail ? tuned.flatMap((of) => trunkCost(of, backbone) ?? []) : [];
  const headCuts = plan.tail && !plan.warmUp ? [] : [frozenTop];
  const cutsUsed = new Set([...headCuts, ...tailCuts]);
  const variantsAt = (cutsOf: readonly CutCost[], augmentation: Augmentation, mostSeconds: number) =>
    augmentSteps(augmentation).length === 0
      ? []
      : cutsOf.map((pass) => ({ images: training.augmentVariants * (split.train + split.validation), pass, mostSeconds }));
  const variants = [
    ...variantsAt(headCuts, training.augment, Number.POSITIVE_INFINITY),
    ...variantsAt(
      tailCuts,
      tuning?.augmentation ?? training.augment,
      option.chosen ? VARIANTS_SHARE * fineTuning.budgetMinutes * 60 : Number.POSITIVE_INFINITY,
    ),
  ];
  // Whether mirrored images help is found out on the images that are probed.
  const mirrored = tuning?.isAutoAugmentation === true ? Math.min(PROBED, split.train) : 0;
  const probed = option.chosen ? Math.min(PROBED, split.train) : 0;
  const crops = comparesCrops(spec, report, { inputSize, trainingImages: split.train }) ? Math.min(PROBED, split.train) : 0;
  const stageProbe = { images: Math.min(PROBED, split.train), features: sum(cuts.map(({ channels }) => channels)) };
  // A backbone in int8 is compared with float32 by a head on the features of each.
  const precisions = backbone.precision === 'int8' ? 2 : 0;
  const builds = [...cutsUsed, ...(option.chosen ? [total] : []), ...(plan.tail ? tuned.map(() => total) : [])];

  // A head on all stages is fitted without training steps; a one-class model has no head.
  const isTrained = plan.tail ? plan.warmUp : plan.cut !== 'stages' && spec.task !== 'one-class';
  const warm = isTrained ? [trainingOfHead(spec, headOf, split)] : [];
  const tails = plan.tail
    ? tuned.map((of) => trainingOfTail(spec, tailOf(of), split, { plan: of, warmedUp: plan.warmUp, optional: option.chosen }))
    : [];
  const once = [...warm, ...tails];
  const { folds = 1, repeats, refit } = training;
  const validations = folds * repeats > 1 ? folds * repeats : 0;
  // Retraining repeats the head and the last tail.
  const again = [...warm, ...tails.slice(-1)];
  const all = split.train + split.validation;
  const refitted =
    refit && (plan.warmUp || !plan.tail) ? again.map((of) => ({ ...of, images: all, ...refitEpochs(spec, of) })) : [];
  const validated = Array.from({ length: validations }, () =>
    again.map((of) => ({ ...of, images: folds > 1 ? (all * (folds - 1)) / folds : split.train, ...refitEpochs(spec, of) })),
  ).flat();

  // Strategy `auto` compares a fine-tuned network with a head on all stages by folds where validation images are few.
  const isCompared =
    option.chosen && plan.tail && beginsWithStages(spec, split.train) && split.validation < ENOUGH_VALIDATION_IMAGES;
  const compared = Array.from({ length: isCompared ? COMPARISON_FOLDS : 0 }, () =>
    again.map((of) => ({ ...of, images: (all * (COMPARISON_FOLDS - 1)) / COMPARISON_FOLDS, ...refitEpochs(spec, of) })),
  ).flat();

  // Calibration trains heads on frozen features again, so that they score images that they were not trained on: in
  // parallel, or one after the other.
  const calibrated = { validationImages: split.validation, images: all, headParameters: headOf.parameters };
  const calibrations = plan.tail ? 0 : calibrationFolds(calibrated);
  const wide = canTrainInParallel(head, training);
  const calibrating = Array.from({ length: wide ? Math.min(1, calibrations) : calibrations }, () =>
    warm.map((of) => ({ ...of, images: all, trained: of.trained * (wide ? calibrations : 1), ...refitEpochs(spec, of) })),
  ).flat();

  const network = plan.tail ? tailOf(tuned.at(-1) ?? plan) : { ...headOf.pass, parameters: headOf.parameters };
  const parameters = total.parameters + headOf.parameters;
  const kept = plan.tail && cut !== undefined ? cut.channels * places(cut) : plan.tail ? 0 : headOf.features;
  return {
    option,
    builds,
    frozen: [
      ...[...cutsUsed].map((pass) => ({ images, pass })),
      ...(mirrored > 0 ? [{ images: mirrored, pass: total }] : []),
      ...(probed > 0 ? [{ images: probed, pass: total }] : []),
      ...(crops > 0 ? [{ images: crops, pass: total }] : []),
      ...(precisions > 0 ? [{ images: stageProbe.images + CALIBRATING_PASSES, pass: frozenTop }] : []),
    ],
    variants,
    probes: [
      ...(probed > 0 ? cuts.map(({ channels }) => ({ images: probed, features: channels })) : []),
      ...(beginsWithStages(spec, split.train) ? Array.from({ length: CLOSED_FORM_PROBES }, () => stageProbe) : []),
      ...Array.from(
        { length: (precisions + (crops > 0 ? 2 : 0) + (mirrored > 0 ? 2 : 0)) * CLOSED_FORM_PROBES },
        () => stageProbe,
      ),
    ],
    trainings: [...once, ...refitted, ...compared, ...calibrating, ...validated],
    asked: [
      { images: 2 * split.validation + images * spec.split.test + validations * (all / folds), pass: network },
      ...(plan.warmUp && fineTuning.blend
        ? tuned.map((of) => ({ images: BLEND_SHARES.length * split.validation, pass: tailOf(of) }))
        : []),
    ],
    pixels: { file: (report.sizes.width.median * report.sizes.height.median) / 1e6, input: (height * width) / 1e6 },
    parameters,
    memory:
      BASE_BYTES +
      FLOAT_BYTES * (parameters * 2 + (plan.tail ? network.parameters : headOf.parameters) * COPIES) +
      (spec.task === 'one-class' ? detectorBytes(spec, cuts, places, images) : FLOAT_BYTES * images * kept) +
      batchBytes(plan.tail ? training.batchSize : 0, total.multiplyAdds),
  };
}

/** Whether the job compares cropped images with squeezed ones, if its images are like the median one. */
function comparesCrops(
  spec: JobSpec,
  { sizes: { width, height } }: DatasetReport,
  { inputSize, trainingImages }: { readonly inputSize: ImageSize; readonly trainingImages: number },
): boolean {
  const median = { width: width.median, height: height.median };
  const isAsked = mayCompareCrops(spec) && trainingImages >= FEWEST_TO_COMPARE_CROPS;
  return isAsked && leavesOutEnough([median], inputSize);
}

/** The maps of the images that a detector is fitted to: those of all folds, of one, and standardized. */
const COPIES_OF_MAPS = 3;

/** Bytes of the maps that fitting a detector holds. */
function detectorBytes(spec: JobSpec, cuts: readonly CutCost[], places: (at: CutCost) => number, images: number): number {
  const { last, fine } = patchCuts(cuts);
  if (last === undefined) return 0;
  const bytes = FLOAT_BYTES * places(last) * (last.channels + (fine?.channels ?? 0));
  return COPIES_OF_MAPS * bytes * Math.min(images, mostImages(bytes, refusalRate(spec)));
}

/** The layers behind a cut. */
function minus(total: CutCost, cut: CutCost | undefined): PassCost & { parameters: number } {
  return {
    multiplyAdds: total.multiplyAdds - (cut?.multiplyAdds ?? 0),
    depthwise: total.depthwise - (cut?.depthwise ?? 0),
    elements: total.elements - (cut?.elements ?? 0),
    layers: total.layers - (cut?.layers ?? 0),
    parameters: total.parameters - (cut?.parameters ?? 0),
  };
}

function plus(tail: PassCost & { parameters: number }, head: { readonly pass: PassCost; readonly parameters: number }) {
  return {
    multiplyAdds: tail.multiplyAdds + head.pass.multiplyAdds,
    depthwise: tail.depthwise,
    elements: tail.elements + head.pass.elements,
    layers: tail.layers + head.pass.layers,
    parameters: tail.parameters + head.parameters,
  };
}

/**
 * Memory that a batch keeps for the backward pass: about one float32 per 40 multiply-adds, in networks of the
 * catalogue.
 */
function batchBytes(images: number, multiplyAdds: number): number {
  return (images * multiplyAdds * FLOAT_BYTES) / 40;
}
