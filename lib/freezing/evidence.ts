/** What a data set shows of itself before anything is trained. */

/** Images that the probes see at most: the work grows with their third power, and the error of a score shrinks only by the root. */
export const PROBED = 400;

/** How well a linear classifier does on the features of one stage of the backbone, on images that it was not fitted to. */
export interface StageProbe {
  readonly stage: string;
  /** Accuracy, or mean average precision for multi-label: 0 to 1. */
  readonly score: number;
}

export interface Evidence {
  /** Images to learn from, and to judge by. */
  readonly trainingImages: number;
  readonly validationImages: number;
  readonly classes: number;
  /** From the images to the top of the backbone. */
  readonly probes: readonly StageProbe[];
  /** Images that the probes saw. */
  readonly probedImages: number;
  /** Those of them whose features were not there before. */
  readonly decoded: number;
  /** How far the images' colours lie from ImageNet's: 0 where they are the same, 1 where means or spreads are off by ImageNet's own spread. */
  readonly colourDistance: number;
}

/** What the probes say together. */
export interface ProbeSummary {
  readonly top: number;
  /** The best of the stages before the top. */
  readonly earlier: StageProbe;
  readonly gap: number;
  /** The standard error of the top's score. */
  readonly noise: number;
}

export function summarize({ probes, probedImages }: Evidence): ProbeSummary {
  const top = probes.at(-1)?.score ?? 0;
  const earlier = probes
    .slice(0, -1)
    .reduce((best, probe) => (probe.score > best.score ? probe : best), { stage: 'images', score: 0 });
  return { top, earlier, gap: top - earlier.score, noise: Math.sqrt((top * (1 - top)) / Math.max(1, probedImages)) };
}

/** As numbers for the job's record. */
export function evidenceNumbers(evidence: Evidence): Record<string, number> {
  const { gap, noise } = summarize(evidence);
  return {
    trainingImages: evidence.trainingImages,
    validationImages: evidence.validationImages,
    classes: evidence.classes,
    colourDistance: round(evidence.colourDistance),
    ...Object.fromEntries(evidence.probes.map(({ stage, score }) => [`probe.${stage}`, round(score)])),
    probeGap: round(gap),
    probeNoise: round(noise),
  };
}

/** To four places: what is told of a measurement. */
export function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
