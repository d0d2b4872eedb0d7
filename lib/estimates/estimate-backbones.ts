import { mean, sum } from '../arithmetic.ts';
import type { PlanEstimate } from '../contracts/compute.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { PROBED } from '../freezing/evidence.ts';
import type { EstimatedWork } from './estimate-work.ts';

/**
 * Estimates a job that compares backbones and trains with one of them: between the fastest candidate and the slowest,
 * plus the features of up to 400 images for each of the others.
 * @param spec resolved: its backbone lists the candidates
 * @param estimate estimates the job with one backbone
 */
export function estimateBackbones(spec: JobSpec, estimate: (spec: JobSpec) => EstimatedWork): EstimatedWork {
  const { candidates = [], cropToAspectRatio } = spec.backbone;
  const each = candidates.map((backbone) => estimate({ ...spec, backbone: { ...backbone, cropToAspectRatio } }));
  const [first, ...others] = each;
  if (first === undefined) return estimate(spec);
  const longest = others.reduce((most, next) => (next.range.upper > most.range.upper ? next : most), first);
  const share = Math.min(1, PROBED / Math.max(1, longest.trainingImages));
  const probing = sum(each.map(({ parts }) => parts.features * share)) - longest.parts.features * share;
  const margin = longest.range.expected / longest.range.upper;
  return {
    ...longest,
    range: {
      low: Math.min(...each.map(({ range }) => range.low)),
      expected: mean(each.map(({ range }) => range.expected)) + probing * margin,
      upper: longest.range.upper + probing,
    },
    plans: mergePlans(each.flatMap(({ plans }) => plans)),
    parts: { ...longest.parts, features: longest.parts.features + probing },
    memory: { ...longest.memory, needed: Math.max(...each.map(({ memory }) => memory.needed)) },
    featureFiles: Math.max(...each.map(({ featureFiles }) => featureFiles)),
    trainsTail: each.some(({ trainsTail }) => trainsTail === 'yes') ? 'yes' : longest.trainsTail,
    reads: longest.reads + (each.length - 1) * Math.min(PROBED, longest.trainingImages),
  };
}

/** One range for each strategy and runtime. */
function mergePlans(plans: readonly PlanEstimate[]): PlanEstimate[] {
  const same = Map.groupBy(plans, ({ strategy, runtime }) => `${strategy} ${runtime}`);
  return [...same.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const of = (end: 'low' | 'expected' | 'upper'): number[] => some.map((plan) => plan[end]);
    return [{ ...first, low: Math.min(...of('low')), expected: mean(of('expected')), upper: Math.max(...of('upper')) }];
  });
}
