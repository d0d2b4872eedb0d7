import { randomStream } from '../../random.ts';
import { everyRow, gatherRows, sampleRows } from '../../training/examples.ts';
import type { ScoredImages } from './scored-images.ts';

/** The most logits of the file: 16 MiB. A random sample of the images stands for more. */
const MOST_VALUES = 2 ** 22;

/** Draws a sample of scores that fits into the file. @param seed of the job */
export function sampleScores<Scores extends Pick<ScoredImages, 'scores' | 'rows'>>(
  { scores, rows }: Scores,
  seed: number,
  most = MOST_VALUES,
): Pick<ScoredImages, 'scores' | 'rows'> {
  const { count, classes, logits, targets } = scores;
  const wanted = Math.max(1, Math.floor(most / classes));
  if (count <= wanted) return { scores, rows };
  const chosen = sampleRows(everyRow({ count }), wanted, randomStream(seed, 'report', 'sample'));
  return {
    scores: {
      ...scores,
      count: wanted,
      logits: gatherRows(logits, classes, chosen),
      targets: gatherRows(targets, classes, chosen),
    },
    rows: chosen.flatMap((row) => rows[row] ?? []),
  };
}
