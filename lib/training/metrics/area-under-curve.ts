import { mean } from '../../arithmetic.ts';
import { type LabelledLogits, probabilitiesOf } from './labelled-logits.ts';

/**
 * Computes the area under each class's ROC curve: how often an example of the class is ranked before one of the rest
 * (Hanley & McNeil, Radiology 143, 1982). Ties count half.
 * @returns [classes]; undefined for a class that no example or every example has
 */
export function areasUnderCurve(scores: LabelledLogits): (number | undefined)[] {
  const { count, classes, targets } = scores;
  const probabilities = probabilitiesOf(scores);
  return Array.from({ length: classes }, (_, of) => {
    // Numbers in typed arrays: objects would take ten times the memory of the logits.
    const ofAll = new Float64Array(count);
    const ofPositives = new Float64Array(count);
    let positives = 0;
    for (let row = 0; row < count; row++) {
      const score = probabilities[row * classes + of] ?? 0;
      ofAll[row] = score;
      if ((targets[row * classes + of] ?? 0) > 0.5) ofPositives[positives++] = score;
    }
    return areaUnderCurve(ofAll.sort(), ofPositives.subarray(0, positives).sort());
  });
}

/** Computes the unweighted mean of the defined areas (one-vs-rest); undefined if there are none. */
export function macroAuc(areas: readonly (number | undefined)[]): number | undefined {
  const known = areas.filter((area) => area !== undefined);
  return known.length === 0 ? undefined : mean(known);
}

/**
 * Computes the area from the sum of the positives' ranks (Mann-Whitney). Ties share their mean rank.
 * @param scores of all examples, ascending @param ofPositives scores of the positive ones, ascending
 */
function areaUnderCurve(scores: Float64Array, ofPositives: Float64Array): number | undefined {
  const positives = ofPositives.length;
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  let rankSum = 0;
  for (let first = 0, next = 0; first < scores.length; ) {
    const score = scores[first];
    let end = first + 1;
    while (end < scores.length && scores[end] === score) end++;
    let found = 0;
    for (; next < positives && ofPositives[next] === score; next++) found++;
    rankSum += (found * (first + 1 + end)) / 2;
    first = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
