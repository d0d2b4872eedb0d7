import { at, at32 } from '../../arithmetic.ts';
import type { ChangedPrediction } from '../../contracts/model-diff.ts';
import { decisionsOf, probabilitiesOf } from '../../training/metrics/labelled-logits.ts';
import type { AlignedScores, AlignedVersion } from './align-scores.ts';
import type { ComparedMetrics } from './compare-metrics.ts';
import { rounded } from './rounded.ts';

/**
 * Lists the images to which two versions assign different labels.
 * @returns images that became wrong first, then those that became right, then those that are wrong in another way; each
 * in the order of the data set
 */
export function changedPredictions(aligned: AlignedScores, { texts }: Pick<ComparedMetrics, 'texts'>): ChangedPrediction[] {
  const before = predictionsOf(aligned.before, aligned.labels);
  const after = predictionsOf(aligned.after, aligned.labels);
  const { classes, targets } = aligned.after.scores;
  const changes = aligned.images.flatMap(({ path, sha256 }, row): ChangedPrediction[] => {
    if (texts.before[row] === texts.after[row]) return [];
    const truth = texts.truth[row];
    return [
      {
        path,
        sha256,
        row: aligned.rows[row] ?? 0,
        labels: aligned.labels.filter((_, of) => at32(targets, row * classes + of) > 0.5),
        before: { labels: before(row), isRight: texts.before[row] === truth },
        after: { labels: after(row), isRight: texts.after[row] === truth },
      },
    ];
  });
  const kindOf = ({ before: was, after: is }: ChangedPrediction) => (was.isRight ? 0 : is.isRight ? 1 : 2);
  return changes.sort((a, b) => kindOf(a) - kindOf(b));
}

/** The predicted labels of a row with their probabilities, the most probable first. */
function predictionsOf({ scores, thresholds }: AlignedVersion, labels: readonly string[]) {
  const decisions = decisionsOf(scores, thresholds);
  const probabilities = probabilitiesOf(scores);
  return (row: number): ChangedPrediction['before']['labels'] =>
    labels
      .flatMap((label, of) => {
        const index = row * labels.length + of;
        return decisions[index] === 1 ? [{ label, probability: rounded(at(probabilities, index)) }] : [];
      })
      .sort((a, b) => b.probability - a.probability);
}
