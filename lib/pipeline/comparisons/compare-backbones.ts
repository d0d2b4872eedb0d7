/** Compares backbones by a linear head on their frozen features, and chooses one for the job. */
import { backboneCost } from '../../backbones/backbone-cost.ts';
import { backboneMilliseconds } from '../../backbones/backbone-speed.ts';
import { BackboneComparison } from '../../contracts/backbone-comparison.ts';
import type { CandidateBackbone } from '../../contracts/job-spec.ts';
import { loadOrCompute } from '../../jobs/computed-once.ts';
import { chooseBackbone, nameBackbones } from '../../search/choose-backbone.ts';
import { accuracy } from '../../training/metrics/accuracy.ts';
import { meanAveragePrecision } from '../../training/metrics/mean-average-precision.ts';
import { weightedMean } from '../../training/paired-difference.ts';
import { probedRows } from '../gather-evidence.ts';
import { oncePerJob } from '../once-per-trial.ts';
import { type TrainingContext, withSpec } from '../training-context.ts';
import { comparedImages } from './compared-images.ts';
import { scoreFrozenBackbone } from './score-frozen-head.ts';

/** The name of the comparison among the checkpoints of a job. */
export const BACKBONES = 'backbones';

export interface ComparedContext {
  /** The context to train in: its spec names the chosen backbone. */
  readonly context: TrainingContext;
  /** Undefined if the spec names a backbone. */
  readonly backbones: BackboneComparison | undefined;
}

/**
 * Chooses the backbone of a job with `backbone.name: "auto"`: fits a linear head to the frozen features of up to 400
 * training images for each candidate, and compares them on images that each head was not fitted to. It uses neither
 * validation nor test images. An interrupted job keeps its choice.
 * @returns the given context if the spec names a backbone
 * @throws as openTrunk and extractFeatures
 */
export async function compareBackbones(context: TrainingContext): Promise<ComparedContext> {
  const { job, world } = context;
  const { candidates, cropToAspectRatio } = job.spec.backbone;
  if (candidates === undefined) return { context, backbones: undefined };
  const once = oncePerJob(BACKBONES, BackboneComparison, context);
  const backbones = await loadOrCompute(once, world.store, () => evaluateAll(candidates, context));
  const candidate = candidates[backbones.chosen - 1] ?? job.spec.backbone;
  const backbone = { ...candidate, ...(cropToAspectRatio !== undefined && { cropToAspectRatio }) };
  world.log('backbone', { job: job.id, name: backbone.name, reason: backbones.reason });
  return { context: { ...context, job: withSpec(job, { ...job.spec, backbone }) }, backbones };
}

async function evaluateAll(candidates: readonly CandidateBackbone[], context: TrainingContext): Promise<BackboneComparison> {
  const { job, world, split, jobContext } = context;
  const rows = probedRows(split, job.spec.training.seed);
  const compared = comparedImages(rows, context);
  const lossOf = ({ losses }: Pick<Evaluated, 'losses'>): number => weightedMean(losses, compared.weights);
  const total = candidates.length * rows.length;
  const evaluated: Evaluated[] = [];
  for (const [index, backbone] of candidates.entries()) {
    const onProgress = (done: number) => jobContext.report({ stage: 'prepare', done: index * rows.length + done, total });
    onProgress(0);
    const one = await evaluateBackbone(backbone, rows, onProgress, context);
    world.log('backbone.evaluated', { job: job.id, name: backbone.name, negativeLogLikelihood: lossOf(one) });
    evaluated.push(one);
  }
  const names = nameBackbones(candidates);
  const { chosen, differences, reason } = chooseBackbone(
    evaluated.map(({ backbone, losses }, i) => ({
      name: names[i] ?? backbone.name,
      multiplyAdds: backboneCost(backbone).total.multiplyAdds,
      losses,
    })),
    compared,
  );
  return {
    candidates: evaluated.map(({ losses, backbone, ...scores }, i) => {
      const { gain = 0, standardError = Number.POSITIVE_INFINITY } = differences[i] ?? {};
      return {
        ...backbone,
        negativeLogLikelihood: lossOf({ losses }),
        ...scores,
        difference: gain,
        ...(Number.isFinite(standardError) && { standardError }),
        ...costOf(backbone),
      };
    }),
    chosen: chosen + 1,
    images: rows.length,
    reason,
  };
}

interface Evaluated {
  readonly backbone: CandidateBackbone;
  /** Of each image, by a head that was not fitted to it. */
  readonly losses: Float64Array;
  readonly accuracy?: number;
  readonly meanAveragePrecision?: number;
  readonly licence: string;
}

/** @param rows of the data set: the images to evaluate on */
async function evaluateBackbone(
  backbone: CandidateBackbone,
  rows: readonly number[],
  onProgress: (done: number) => void,
  context: TrainingContext,
): Promise<Evaluated> {
  const { cropToAspectRatio } = context.job.spec.backbone;
  const { trunk, scores, losses } = await scoreFrozenBackbone({ ...backbone, cropToAspectRatio }, { rows, onProgress }, context);
  const precision = scores.task === 'multi-label' ? meanAveragePrecision(scores) : undefined;
  return {
    backbone,
    losses,
    ...(scores.task === 'single-label' && { accuracy: accuracy(scores) }),
    ...(precision !== undefined && { meanAveragePrecision: precision }),
    licence: trunk.licence,
  };
}

/** What the backbone costs for one image. */
function costOf(backbone: CandidateBackbone) {
  const { total } = backboneCost(backbone);
  const milliseconds = backboneMilliseconds(backbone);
  return {
    gigaMultiplyAdds: Number((total.multiplyAdds / 1e9).toPrecision(3)),
    ...(milliseconds !== undefined && { milliseconds: Number(milliseconds.toPrecision(3)) }),
    megabytes: Number(((total.parameters * 4) / 1e6).toPrecision(3)),
  };
}
