import type { TrainingRuntime } from '../contracts/compute.ts';
import { percent } from '../format.ts';
import { type Evidence, summarize } from './evidence.ts';
import { isSolved } from './headroom.ts';

export interface Choice {
  readonly name: 'feature-extraction' | 'earlier-features' | 'fine-tune-top' | 'fine-tune-all';
  /** With `earlier-features`: the stage at whose end the head begins. */
  readonly stage?: string;
  /** One or two sentences. */
  readonly reason: string;
}

export interface Constraints {
  readonly runtime: TrainingRuntime;
  /** Whether to fine-tune even where few images make a gain unlikely. */
  readonly thorough?: boolean;
  /** Whether a fine-tuning has to beat a head on all stages, by images that neither was fitted to. */
  readonly comparesStages?: boolean;
}

/** With fewer validation images, an improvement by fine-tuning cannot be shown. */
export const FEWEST_TO_COMPARE = 20;
/** Below this number of images, fine-tuning on images like ImageNet overfits. */
export const FEW = 500;
/** From this number of images, every layer of a backbone can train. */
export const MANY = 5000;

/**
 * Chooses one of the four cases (few or many images, like or unlike ImageNet) by evidence. A data set is like ImageNet
 * if the top of the backbone classifies its images better than every earlier stage, by more than the standard error of
 * its accuracy: then the top's knowledge of ImageNet's classes applies.
 */
export function chooseStrategy(evidence: Evidence, { runtime, thorough = false, comparesStages = false }: Constraints): Choice {
  const { trainingImages, validationImages, task, balancedTop, probedImages } = evidence;
  const { top, earlier, gap, noise } = summarize(evidence);
  const similar = gap > noise;
  const likeness = similar
    ? `the top of the backbone classifies them better than any earlier stage (${percent(top)}; ${earlier.stage} ` +
      `${percent(earlier.score)}), so they are like ImageNet`
    : `the top of the backbone (${percent(top)}) classifies them no better than ${earlier.stage} ` +
      `(${percent(earlier.score)}), so they are unlike ImageNet`;
  const frozen = (reason: string): Choice => ({ name: 'feature-extraction', reason });

  if (isSolved(top, { balanced: balancedTop, images: probedImages, task })) {
    const score =
      task === 'multi-label' ? `has a mean average precision of ${top.toFixed(3)}` : `is right ${percent(top)} of the time`;
    return frozen(`A linear classifier on the frozen features ${score}, so there is nothing to gain.`);
  }
  if (validationImages < FEWEST_TO_COMPARE)
    return frozen(`${validationImages} validation images are too few to show that training more than a head helps.`);
  const few = trainingImages < FEW && !thorough;
  if (similar && few) return frozen(`Few images (${trainingImages}): ${likeness}. Fine-tuning would overfit.`);
  // The head on all stages has what the earlier stage knows, and decides by its errors whether to fine-tune.
  if (-gap > 2 * noise && few && !comparesStages)
    return {
      name: 'earlier-features',
      stage: earlier.stage,
      reason:
        `Few images (${trainingImages}): ${earlier.stage} (${percent(earlier.score)}) classifies them better than the top of ` +
        `the backbone (${percent(top)}), so they are unlike ImageNet.`,
    };
  if (runtime === 'wasm')
    return frozen(
      `${size(trainingImages)}: ${likeness}. Fine-tuning may help, but is too slow on WebAssembly: leave ` +
        'GRAFT_TENSORFLOW unset, train on a GPU (compute.target), or set the strategy to fine-tune-top.',
    );
  const name = !similar && trainingImages >= MANY ? 'fine-tune-all' : 'fine-tune-top';
  return { name, reason: `${size(trainingImages)}: ${likeness}. Fine-tuning may help.` };
}

function size(images: number): string {
  return `${images < FEW ? 'Few' : images < MANY ? 'Some' : 'Many'} images (${images})`;
}
