import { backboneCost, FORWARD_AND_BACK } from '../backbones/backbone-cost.ts';
import type { CutCost } from '../backbones/count-costs.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { SWEEP_STEPS } from '../contracts/training-spec.ts';
import { type CutPlan, planDeeper, planFreeze, planNamed, trainedStages, trunkCost } from '../freezing/cut-plan.ts';
import { unfreezingEpochs } from '../freezing/unfreezing-epochs.ts';
import { calibrationFolds, trainsSideBySide } from '../heads/calibration-folds.ts';
import { headCost } from '../heads/head-cost.ts';
import { splitPooling } from '../heads/split-pooling.ts';

/** What a job will do, in numbers that no machine changes. */
export interface JobWork {
  /** What is frozen and what trains, before strategy `auto` has looked at the images. */
  readonly plan: CutPlan;
  /** Images, and multiply-adds of the frozen backbone on all of them. */
  readonly features: { readonly images: number; readonly multiplyAdds: number };
  /** Steps of the optimizer, multiply-adds forward and back, and images that are decoded anew for it. */
  readonly train: { readonly steps: number; readonly multiplyAdds: number; readonly images: number };
  readonly evaluate: { readonly multiplyAdds: number };
  /** Of one image: pixels of the file and of the network's input. */
  readonly pixels: { readonly file: number; readonly input: number };
  readonly parameters: number;
  /** Bytes: weights, their gradients and the optimizer's, features, a batch on its way. */
  readonly memory: number;
  /** Whether layers of the backbone train. */
  readonly tail: boolean;
  /** What strategy `auto` adds where it finds that fine-tuning may gain something, and the runtime is fast enough for it. */
  readonly tuning?: { readonly multiplyAdds: number; readonly mostSeconds: number };
  /** What the trials of a search train, before the best one is trained to its end. */
  readonly search?: JobWork['train'] & { readonly mostSeconds: number };
}

const FLOAT_BYTES = 4;
/** Weights, their gradients, and two moments of the optimizer. */
const COPIES = 4;
/** Node.js, TensorFlow, ONNX Runtime and what images pass through. */
const BASE_BYTES = 1e9;
/** For fewer images no GPU is started on the chance that strategy `auto` fine-tunes: what it would learn of them takes less time than the start. */
const FEWEST_TO_TUNE = 500;

/** What a job takes if it trains every epoch and finds no features. @throws SpecError as backboneCost and planFreeze */
export function jobWork(spec: JobSpec, report: DatasetReport): JobWork {
  const { total, inputSize } = backboneCost(spec.backbone);
  const plan = planOf(spec);
  const { tail, warmUp } = plan;
  const cut = trunkCost(plan, spec.backbone);
  const [height, width] = inputSize;
  const places = (at: CutCost): number => Math.ceil(height / at.stride) * Math.ceil(width / at.stride);
  const { pooling, head } = splitPooling(spec.head);
  const pooled = pooling === 'globalAveragePool' || pooling === 'globalMaxPool';
  const topFeatures = total.channels * (pooled ? 1 : places(total));
  const headOf = headCost(head, topFeatures, report.classes.length);

  const { epochs, batchSize, refit, repeats } = spec.training;
  const learnt = report.accepted * spec.split.train;
  const judged = report.accepted * spec.split.validation;
  const runs = (spec.training.folds ?? 1) * repeats;
  const validations = runs > 1 ? runs : 0;
  const again = (refit ? 2 : 1) + validations;
  const sweep = spec.training.findLearningRate ? SWEEP_STEPS : 0;
  const folds = calibrationFolds({ validationImages: judged, images: learnt + judged, headParameters: headOf.parameters });
  const calibrations = tail ? 0 : trainsSideBySide(head, spec.training) ? Math.min(1, folds) : folds;
  const headEpochs = tail && !warmUp ? 0 : epochs * (again + calibrations);
  const unfreezing = unfreezingEpochs(spec.fineTuning, trainedStages(plan, spec.backbone).length, !warmUp);
  const tailEpochs = tail ? ((warmUp ? spec.fineTuning.epochs : epochs) + unfreezing) * again : 0;
  const mayTune =
    spec.strategy === 'auto' && spec.freeze === undefined && spec.backbone.own === undefined && learnt >= FEWEST_TO_TUNE;
  const tailMultiplyAdds = total.multiplyAdds - (cut?.multiplyAdds ?? 0) + headOf.multiplyAdds;
  const ofEpoch = FORWARD_AND_BACK * learnt + judged;
  const top = planNamed('fine-tune-top', spec.backbone);
  const deeper = planDeeper(spec.backbone);
  const tuningOf = (tuned: CutPlan, times: number): number => {
    const tuningEpochs = spec.fineTuning.epochs + unfreezingEpochs(spec.fineTuning, trainedStages(tuned, spec.backbone).length);
    return ofEpoch * tuningEpochs * times * (total.multiplyAdds - (trunkCost(tuned, spec.backbone)?.multiplyAdds ?? 0));
  };

  const kept = tail && cut !== undefined ? cut.channels * places(cut) : tail ? 0 : topFeatures;
  const trained = headOf.parameters + (tail ? total.parameters - (cut?.parameters ?? 0) : 0);
  const parameters = total.parameters + headOf.parameters;
  return {
    plan,
    features: {
      images: report.accepted,
      multiplyAdds:
        report.accepted * ((tail ? (cut?.multiplyAdds ?? 0) : total.multiplyAdds) + (warmUp ? total.multiplyAdds : 0)),
    },
    train: {
      steps: Math.ceil(learnt / batchSize) * (headEpochs + tailEpochs) + sweep,
      multiplyAdds:
        ofEpoch * (headEpochs * headOf.multiplyAdds + tailEpochs * tailMultiplyAdds) +
        sweep * batchSize * FORWARD_AND_BACK * (headEpochs > 0 ? headOf.multiplyAdds : tailMultiplyAdds),
      images: cut === undefined ? tailEpochs * (learnt + judged) : 0,
    },
    evaluate: { multiplyAdds: report.accepted * (tail ? tailMultiplyAdds : headOf.multiplyAdds) },
    pixels: { file: report.sizes.width.median * report.sizes.height.median, input: height * width },
    parameters,
    memory:
      BASE_BYTES +
      FLOAT_BYTES * (parameters * 2 + trained * COPIES + report.accepted * kept) +
      batchBytes(tail ? batchSize : 0, total.multiplyAdds),
    tail,
    ...(mayTune && {
      tuning: {
        multiplyAdds: deeper === undefined ? tuningOf(top, again) : tuningOf(top, 1) + tuningOf(deeper, again),
        mostSeconds: spec.fineTuning.budgetMinutes * 60,
      },
    }),
  };
}

/** What the job is planned to train before any evidence: strategy `auto` begins with a head, and `tuning` has what it may add. */
function planOf({ strategy, freeze, backbone }: JobSpec): CutPlan {
  if (freeze !== undefined) return planFreeze(freeze, backbone);
  return planNamed(strategy === 'auto' ? 'feature-extraction' : strategy, backbone);
}

/** What a batch leaves behind for the pass back: about a float32 for every 40 multiply-adds, in networks of the catalogue. */
function batchBytes(images: number, multiplyAdds: number): number {
  return (images * multiplyAdds * FLOAT_BYTES) / 40;
}
