import { mean } from '../../arithmetic.ts';
import { type LabelledLogits, probabilitiesOf } from './labelled-logits.ts';

/**
 * How well each class's probability tells its examples from all others: the area under its ROC curve, which is how often an
 * example of the class is ranked before one of the rest (Hanley & McNeil, Radiology 143, 1982); equal ones count half.
 * @returns [classes]; undefined for a class that no example has, or all have
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

/** The mean area of the classes that have one, all equal (one-vs-rest); undefined where none has. */
export function macroAuc(areas: readonly (number | undefined)[]): number | undefined {
  const known = areas.filter((area) => area !== undefined);
  return known.length === 0 ? undefined : mean(known);
}

/** From the sum of the positives' ranks (Mann-Whitney); equal scores share the mean of their ranks. */
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
