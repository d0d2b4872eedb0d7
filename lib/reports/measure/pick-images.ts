import { at, at32 } from '../../arithmetic.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import type { ReportedImage } from '../../contracts/report-parts.ts';
import { decisionsOf, type LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import { imageLosses } from '../../training/metrics/negative-log-likelihood.ts';
import type { ImageName } from './report-input.ts';
import { rounded } from './rounded.ts';

/** Images of each list. */
const MOST_IMAGES = 12;
/** Predicted labels, and missed labels, of an image. */
const MOST_LABELS = 4;

/** Indexes of the images to show, as rows of the scores. */
export interface PickedRows {
  /** The most confident errors first. */
  readonly errors: readonly number[];
  readonly errorCount: number;
  /** The least certain prediction first. */
  readonly leastSure: readonly number[];
}

/**
 * Picks the worst errors and the least certain predictions. Single-label: errors by the probability of the wrong class,
 * certainty by the lead of the most probable class over the next. Multi-label: errors by their loss, certainty by the
 * distance of the nearest probability from its threshold.
 * @param probabilities [count, classes], of `scores`
 */
export function pickRows(scores: LabelledLogits, probabilities: Float64Array, thresholds?: readonly number[]): PickedRows {
  const rows = Array.from({ length: scores.count }, (_, row) => row);
  const isRight = rightRows(scores, thresholds);
  const wrong = rows.filter((row) => !isRight[row]);
  const badness = badnessOf(scores, probabilities);
  const certainty = certaintyOf(scores, probabilities, thresholds);
  return {
    errors: wrong.sort((a, b) => at(badness, b) - at(badness, a) || a - b).slice(0, MOST_IMAGES),
    errorCount: wrong.length,
    leastSure: rows.sort((a, b) => at(certainty, a) - at(certainty, b) || a - b).slice(0, MOST_IMAGES),
  };
}

/** Whether all predicted labels of each image are right, [count]. */
export function rightRows(scores: LabelledLogits, thresholds?: readonly number[]): boolean[] {
  const { count, classes, targets } = scores;
  const decisions = decisionsOf(scores, thresholds);
  return Array.from({ length: count }, (_, row) => {
    for (let i = row * classes; i < (row + 1) * classes; i++) if ((decisions[i] === 1) !== at32(targets, i) > 0.5) return false;
    return true;
  });
}

/** How bad each image is if it is wrong, [count]: the highest probability, or of a multi-label model the loss. */
export function badnessOf(scores: LabelledLogits, probabilities: Float64Array): Float64Array {
  return scores.task === 'multi-label' ? imageLosses(scores) : highestOf(scores, probabilities);
}

/** The highest probability of each image, [count]. */
export function highestOf({ count, classes }: LabelledLogits, probabilities: Float64Array): Float64Array {
  return Float64Array.from({ length: count }, (_, row) =>
    probabilities.subarray(row * classes, (row + 1) * classes).reduce((a, b) => Math.max(a, b), 0),
  );
}

/** How certain the prediction of each image is, [count]. */
export function certaintyOf(scores: LabelledLogits, probabilities: Float64Array, thresholds?: readonly number[]): Float64Array {
  const { task, count, classes } = scores;
  return Float64Array.from({ length: count }, (_, row) => {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    return task === 'multi-label' ? nearestThreshold(own, thresholds) : leadOf(own);
  });
}

/** Describes picked images. @returns undefined if none of them has a name any more */
export function describeImages(
  picked: readonly number[],
  {
    scores,
    probabilities,
    labels,
    thresholds,
    nameOf,
  }: {
    readonly scores: LabelledLogits;
    readonly probabilities: Float64Array;
    readonly labels: readonly string[];
    readonly thresholds: readonly number[] | undefined;
    readonly nameOf: (row: number) => ImageName | undefined;
  },
): ModelReport['errors'] {
  const { task, classes, targets } = scores;
  const images = picked.flatMap((row): ReportedImage[] => {
    const name = nameOf(row);
    if (name === undefined) return [];
    const own = Array.from({ length: classes }, (_, of) => ({
      label: labels[of] ?? '',
      probability: at(probabilities, row * classes + of),
      isTrue: at32(targets, row * classes + of) > 0.5,
      isPredicted: at(probabilities, row * classes + of) >= (thresholds?.[of] ?? 0.5),
    })).sort((a, b) => b.probability - a.probability);
    const predicted = task === 'multi-label' ? own.filter(({ isPredicted }) => isPredicted) : own.slice(0, 2);
    const missed = task === 'multi-label' ? own.filter(({ isPredicted, isTrue }) => isTrue && !isPredicted) : [];
    // Rounded last: two classes that are equal by then still have the order of their probabilities.
    const shown = (some: typeof own) =>
      some.slice(0, MOST_LABELS).map(({ label, probability }) => ({ label, probability: rounded(probability) }));
    return [
      {
        path: name.path,
        sha256: name.sha256,
        labels: own.filter(({ isTrue }) => isTrue).map(({ label }) => label),
        predicted: shown(predicted),
        ...(missed.length > 0 && { missed: shown(missed) }),
      },
    ];
  });
  return images.length > 0 ? images : undefined;
}

/** How far the most probable class is ahead of the next. */
function leadOf(probabilities: Float64Array): number {
  let first = 0;
  let second = 0;
  for (const probability of probabilities) {
    if (probability > first) [first, second] = [probability, first];
    else if (probability > second) second = probability;
  }
  return first - second;
}

function nearestThreshold(probabilities: Float64Array, thresholds: readonly number[] = []): number {
  return probabilities.reduce(
    (nearest, probability, of) => Math.min(nearest, Math.abs(probability - (thresholds[of] ?? 0.5))),
    1,
  );
}
