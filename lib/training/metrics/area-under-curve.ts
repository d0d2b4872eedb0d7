import { mean } from '../../arithmetic.ts';
import { type LabelledLogits, probabilitiesOf } from './labelled-logits.ts';

/**
 * Computes the area under each class's ROC curve: how often an example of the class is ranked before one of the rest
 * (Hanley & McNeil, Radiology 143, 1982). Ties count half.
 * @returns [classes]; undefined for a class that no example or every example has
 */
export function areasUnderCurve(answers: LabelledLogits): (number | undefined)[] {
  const { count, classes, targets } = answers;
  const probabilities = probabilitiesOf(answers);
  return Array.from({ length: classes }, (_, of) => {
    const rows = Array.from({ length: count }, (_, row) => row * classes + of);
    return areaUnderCurve(
      rows.map((at) => ({ score: probabilities[at] ?? 0, positive: (targets[at] ?? 0) > 0.5 })).sort((a, b) => a.score - b.score),
    );
  });
}

/** Computes the unweighted mean of the defined areas (one-vs-rest); undefined if there are none. */
export function macroAuc(areas: readonly (number | undefined)[]): number | undefined {
  const known = areas.filter((area) => area !== undefined);
  return known.length === 0 ? undefined : mean(known);
}

/** Computes the area from the sum of the positives' ranks (Mann-Whitney). Ties share their mean rank. */
function areaUnderCurve(ranked: readonly { readonly score: number; readonly positive: boolean }[]): number | undefined {
  const positives = ranked.filter(({ positive }) => positive).length;
  const negatives = ranked.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  let rankSum = 0;
  for (let first = 0; first < ranked.length; ) {
    let end = first;
    let found = 0;
    for (; ranked[end] !== undefined && ranked[end]?.score === ranked[first]?.score; end++)
      found += Number(ranked[end]?.positive);
    rankSum += (found * (first + 1 + end)) / 2;
    first = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
