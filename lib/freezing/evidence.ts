/** Measurements of a data set before any training. */
import { round } from '../arithmetic.ts';
import { evidenceKeys, probeKey } from '../contracts/strategy-evidence.ts';

/**
 * The most images for the probes: the work grows with the third power of this number, and the error of a score shrinks
 * only with its square root.
 */
export const PROBED = 400;

/**
 * The score of a linear classifier on the features of one stage of the backbone, on images that it was not fitted to.
 */
export interface StageProbe {
  readonly stage: string;
  /** Accuracy, or mean average precision for multi-label; 0 to 1. */
  readonly score: number;
}

export interface Evidence {
  /** Numbers of images to train on and to validate on. */
  readonly trainingImages: number;
  readonly validationImages: number;
  readonly classes: number;
  readonly task: 'single-label' | 'multi-label';
  /** From the images to the top of the backbone. */
  readonly probes: readonly StageProbe[];
  /** The top's mean recall of the classes, or its mean average precision for multi-label; 0 to 1. */
  readonly balancedTop: number;
  /** Number of images that the probes used. */
  readonly probedImages: number;
  /**
   * Distance of the images' colours from ImageNet's: 0 if equal, 1 if means or spreads differ by ImageNet's own spread.
   */
  readonly colourDistance: number;
}

/** Summary of the probes. */
export interface ProbeSummary {
  readonly top: number;
  /** The best stage before the top. */
  readonly earlier: StageProbe;
  readonly gap: number;
  /**
   * The standard error of the top's accuracy, not of the gap. For a mean average precision, which has no such simple one,
   * that of an equal accuracy serves as a scale.
   */
  readonly noise: number;
}

export function summarize({ probes, probedImages }: Evidence): ProbeSummary {
  const top = probes.at(-1)?.score ?? 0;
  const earlier = probes
    .slice(0, -1)
    .reduce((best, probe) => (probe.score > best.score ? probe : best), { stage: 'images', score: 0 });
  return { top, earlier, gap: top - earlier.score, noise: Math.sqrt((top * (1 - top)) / Math.max(1, probedImages)) };
}

/** The evidence as numbers for the job's record. */
export function evidenceNumbers(evidence: Evidence): Record<string, number> {
  const { gap, noise } = summarize(evidence);
  return {
    [evidenceKeys.trainingImages]: evidence.trainingImages,
    validationImages: evidence.validationImages,
    classes: evidence.classes,
    colourDistance: round(evidence.colourDistance),
    ...Object.fromEntries(evidence.probes.map(({ stage, score }) => [probeKey(stage), round(score)])),
    probeGap: round(gap),
    probeNoise: round(noise),
  };
}
