import { counted, percent } from '../format.ts';

/** Accuracy or mean average precision of a frozen backbone that leaves nothing to gain. */
const SOLVED = 0.98;
/** The share of the frozen backbone's errors that a good fine-tuning corrects; more than half is rare. */
const CORRECTED = 0.5;

/** The most that fine-tuning is likely to add to an accuracy, 0..1. */
export function likelyGain(accuracy: number): number {
  return CORRECTED * (1 - accuracy);
}

/** How a score came about. */
interface ScoreFacts {
  /** The same score as if all classes were equally frequent. */
  readonly balanced: number;
  /** Number of held-out images. */
  readonly images: number;
  readonly task: 'single-label' | 'multi-label';
}

/**
 * Tells whether a frozen network is right nearly always, also in the mean of the classes, by more than the standard
 * error of its accuracy. A mean average precision has no such simple standard error, and is taken as it is.
 * @param score accuracy (single-label) or mean average precision (multi-label), on held-out images, 0..1
 */
export function isSolved(score: number, { balanced, ...facts }: ScoreFacts): boolean {
  return Math.min(score, balanced) - standardError(score, facts) >= SOLVED;
}

function standardError(score: number, { images, task }: Pick<ScoreFacts, 'images' | 'task'>): number {
  return task === 'multi-label' ? 0 : Math.sqrt((score * (1 - score)) / Math.max(1, images));
}

interface Headroom extends ScoreFacts {
  /** Whether to fine-tune unless the network is nearly always right. */
  readonly thorough?: boolean;
}

/**
 * Decides from scores of a frozen network whether fine-tuning can show a gain. It cannot if the network is nearly always
 * right, by more than the standard error of its accuracy, or if correcting half of its errors would not exceed that.
 * @param score accuracy (single-label) or mean average precision (multi-label), on held-out images, 0..1
 * @returns a sentence that says why not, or undefined if it may pay
 */
export function whyNothingToGain(score: number, { thorough = false, ...facts }: Headroom): string | undefined {
  const { images, task } = facts;
  const [measure, where] = [
    task === 'multi-label' ? `a mean average precision of ${score.toFixed(3)}` : `an accuracy of ${percent(score)}`,
    `on ${counted(images, 'image')} that it was not fitted to`,
  ];
  if (isSolved(score, facts)) return `The head on all stages has ${measure} ${where}, so there is nothing to gain.`;
  const error = standardError(score, facts);
  if (thorough || task === 'multi-label' || likelyGain(score) > error) return undefined;
  return (
    `The head on all stages has ${measure} ${where}: correcting half of its errors could not be told from chance ` +
    `(standard error ${percent(error)}).`
  );
}
