import { backboneCost } from '../backbones/backbone-cost.ts';
import type { CutCost } from '../backbones/count-costs.ts';
import type { PassCost } from '../calibration/pass-seconds.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { type CutPlan, hasTail, trunkCost } from '../freezing/cut-plan.ts';
import { PROBED } from '../freezing/evidence.ts';
import { headCost } from '../heads/head-cost.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import type { ImageSize } from '../images/resize-bilinear.ts';
import type { PlanOption } from './plan-options.ts';
import type { SplitImages } from './training-work.ts';

/** The forward pass of a part of a network for one image, and the parameters of that part. */
export interface NetworkCost extends PassCost {
  readonly parameters: number;
}

/** One plan of a job, and the sizes that its work depends on. */
export interface WorkFacts {
  readonly spec: JobSpec;
  readonly report: DatasetReport;
  readonly option: PlanOption;
  readonly split: SplitImages;
  /** Number of images of both sets together, on which a retraining trains. */
  readonly trainAndValidation: number;
  /** Number of images that a comparison or a linear probe uses. */
  readonly sample: number;
  /** The whole backbone, and its part up to the end of each stage. */
  readonly total: CutCost;
  readonly cuts: readonly CutCost[];
  readonly inputSize: ImageSize;
  /** The backbone up to the plan's cut; undefined before its first layer. */
  readonly cut: CutCost | undefined;
  /** The backbone up to the head. */
  readonly top: CutCost;
  readonly head: NetworkCost & { readonly features: number };
  /** The plans whose tails train, one after the other; empty if the backbone stays frozen. */
  readonly tuned: readonly CutPlan[];
  /** Trainings of `folds` and `repeats`. */
  readonly validations: number;
}

/** @throws SpecError as backboneCost */
export function workFacts(spec: JobSpec, report: DatasetReport, option: PlanOption): WorkFacts {
  const { backbone, training } = spec;
  const { plan, deeper } = option;
  const { total, cuts, inputSize } = backboneCost(backbone);
  const split = { train: report.accepted * spec.split.train, validation: report.accepted * spec.split.validation };
  const cut = trunkCost(plan, backbone);
  const top = hasTail(plan) ? total : (cut ?? total);
  const { folds = 1, repeats } = training;
  return {
    spec,
    report,
    option,
    split,
    trainAndValidation: split.train + split.validation,
    sample: Math.min(PROBED, split.train),
    total,
    cuts,
    inputSize,
    cut,
    top,
    head: headOn(top, inputSize, spec, report),
    tuned: !hasTail(plan) ? [] : deeper === undefined ? [plan] : [plan, deeper],
    validations: folds * repeats > 1 ? folds * repeats : 0,
  };
}

/** Positions of the map at the end of a part of the backbone. */
export function positionsAt({ stride }: CutCost, [height, width]: ImageSize): number {
  return Math.ceil(height / stride) * Math.ceil(width / stride);
}

/** The layers after a plan's cut, with the head. */
export function tailCost({ spec, total, head }: WorkFacts, plan: CutPlan): NetworkCost {
  const cut = trunkCost(plan, spec.backbone);
  return {
    multiplyAdds: total.multiplyAdds - (cut?.multiplyAdds ?? 0) + head.multiplyAdds,
    depthwise: total.depthwise - (cut?.depthwise ?? 0),
    elements: total.elements - (cut?.elements ?? 0) + head.elements,
    layers: total.layers - (cut?.layers ?? 0) + head.layers,
    parameters: total.parameters - (cut?.parameters ?? 0) + head.parameters,
  };
}

/** The trained network after the features: the last tail with the head, or the head alone. */
export function trainedCost(facts: WorkFacts): NetworkCost {
  const last = facts.tuned.at(-1);
  return last === undefined ? facts.head : tailCost(facts, last);
}

function headOn(at: CutCost, inputSize: ImageSize, spec: JobSpec, { classes }: DatasetReport): WorkFacts['head'] {
  const { pooling, head } = splitPooling(spec.head);
  const isPooled = pooling === 'globalAveragePool' || pooling === 'globalMaxPool';
  const features = at.channels * (isPooled ? 1 : positionsAt(at, inputSize));
  const { multiplyAdds, parameters } = headCost(head, features, classes.length);
  return { multiplyAdds, depthwise: 0, elements: features, layers: head.length, parameters, features };
}
