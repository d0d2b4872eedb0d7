import { backboneCost, FORWARD_AND_BACK } from '../backbones/backbone-cost.ts';
import type { CutCost } from '../backbones/count-costs.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { SWEEP_STEPS } from '../contracts/training-spec.ts';
import { deeperCut, earlierCut, stagesAfter } from '../freezing/earlier-cut.ts';
import { unfreezingEpochs } from '../freezing/unfreezing-epochs.ts';
import { headCost } from '../heads/head-cost.ts';
import { splitPooling } from '../heads/split-pooling.ts';

/** What a job will do, in numbers that no machine changes. */
export interface JobWork {
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

/** What a job takes if it trains every epoch and finds no features. @throws SpecError as backboneCost */
export function jobWork(spec: JobSpec, report: DatasetReport): JobWork {
  const { cuts, total, inputSize } = backboneCost(spec.backbone);
  const { cut, tail, warmUp } = frozenPart(spec, cuts, total);
  const [height, width] = inputSize;
  const places = (at: CutCost): number => Math.ceil(height / at.stride) * Math.ceil(width / at.stride);
  const { pooling, head } = splitPooling(spec.head);
  const pooled = pooling === 'globalAveragePool' || pooling === 'globalMaxPool';
  const topFeatures = total.channels * (pooled ? 1 : places(total));
  const headOf = headCost(head, topFeatures, report.classes.length);

  const { epochs, batchSize, refit, folds = 1, repeats } = spec.training;
  const learnt = report.accepted * spec.split.train;
  const judged = report.accepted * spec.split.validation;
  const validations = folds * repeats > 1 ? folds * repeats : 0;
  const again = (refit ? 2 : 1) + validations;
  const sweep = spec.training.findLearningRate ? SWEEP_STEPS : 0;
  const headEpochs = tail && !warmUp ? 0 : epochs * again;
  const unfreezing = unfreezingEpochs(spec.fineTuning, stagesAfter(cuts, cut), !warmUp);
  const tailEpochs = tail ? ((warmUp ? spec.fineTuning.epochs : epochs) + unfreezing) * again : 0;
  const mayTune =
    spec.strategy === 'auto' && spec.freeze === undefined && spec.backbone.own === undefined && learnt >= FEWEST_TO_TUNE;
  const tailMultiplyAdds = total.multiplyAdds - (cut?.multiplyAdds ?? 0) + headOf.multiplyAdds;
  const ofEpoch = FORWARD_AND_BACK * learnt + judged;
  const [earlier, deeper] = [earlierCut(cuts), deeperCut(cuts)];
  const tuningFrom = (from: CutCost | undefined, times: number): number => {
    const tuningEpochs = spec.fineTuning.epochs + unfreezingEpochs(spec.fineTuning, stagesAfter(cuts, from));
    return ofEpoch * tuningEpochs * times * (total.multiplyAdds - (from?.multiplyAdds ?? 0));
  };

  const kept = tail && cut !== undefined ? cut.channels * places(cut) : tail ? 0 : topFeatures;
  const trained = headOf.parameters + (tail ? total.parameters - (cut?.parameters ?? 0) : 0);
  const parameters = total.parameters + headOf.parameters;
  return {
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
        multiplyAdds: deeper === undefined ? tuningFrom(earlier, again) : tuningFrom(earlier, 1) + tuningFrom(deeper, again),
        mostSeconds: spec.fineTuning.budgetMinutes * 60,
      },
    }),
  };
}

/** Where trunk and tail meet, as planStrategy and resolveFreeze will have it; undefined: before the first layer. */
function frozenPart(
  { strategy, freeze }: JobSpec,
  cuts: readonly CutCost[],
  top: CutCost,
): { cut: CutCost | undefined; tail: boolean; warmUp: boolean } {
  if (freeze !== undefined) {
    const cut = cutOf(freeze, cuts, top);
    return { cut, tail: cut !== top, warmUp: false };
  }
  if (strategy === 'earlier-features') return { cut: earlierCut(cuts), tail: false, warmUp: false };
  if (strategy === 'fine-tune-top') return { cut: earlierCut(cuts), tail: true, warmUp: true };
  if (strategy === 'fine-tune-all') return { cut: undefined, tail: true, warmUp: true };
  return { cut: top, tail: false, warmUp: false };
}

/** A pattern is only known to match when the layers are there: nothing is taken for frozen, which is the most that it can cost. */
function cutOf(freeze: NonNullable<JobSpec['freeze']>, cuts: readonly CutCost[], top: CutCost): CutCost | undefined {
  if (freeze === 'all') return top;
  if (freeze === 'none' || 'layers' in freeze) return undefined;
  if ('stages' in freeze) return cuts[freeze.stages - 1];
  return cuts.find(({ name, layer }) => name === freeze.through || layer === freeze.through);
}

/** What a batch leaves behind for the pass back: about a float32 for every 40 multiply-adds, in networks of the catalogue. */
function batchBytes(images: number, multiplyAdds: number): number {
  return (images * multiplyAdds * FLOAT_BYTES) / 40;
}
