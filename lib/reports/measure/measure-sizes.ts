import { mean, sampleDeviation } from '../../arithmetic.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import { count, counted } from '../../format.ts';
import { rounded } from './rounded.ts';
import type { SizeScores } from './scored-images.ts';

/** A smaller gain of the last doubling counts as none. */
const WORTH = 0.01;

/** How the score of a linear head grows with the number of training images, and whether more images would help. */
export function measureSizes(sizes: SizeScores | undefined): ModelReport['sizes'] {
  if (sizes === undefined || sizes.points.length < 2) return undefined;
  const { metric, evaluated, points } = sizes;
  return {
    metric,
    evaluated,
    points: points.map(({ images, scores }) => ({
      images,
      score: rounded(mean(scores)),
      low: rounded(Math.min(...scores)),
      high: rounded(Math.max(...scores)),
      heads: scores.length,
    })),
    conclusion: conclude(sizes),
  };
}

function conclude({ metric, evaluated, available, points }: SizeScores): string {
  const [before, last] = points.slice(-2);
  if (before === undefined || last === undefined) return '';
  const doublings = Math.log2(last.images / before.images);
  const gain = (mean(last.scores) - mean(before.scores)) / doublings;
  const level = mean(last.scores);
  // Of the heads on half of the images, and of the finite set that all are evaluated on.
  const spread = sampleDeviation(before.scores) ** 2 / before.scores.length;
  const sampling = (level * (1 - level)) / Math.max(1, evaluated) / 2;
  const error = Math.sqrt(spread + sampling);
  const points100 = (100 * gain).toFixed(1);
  const changed =
    gain >= 0 ? `raised the ${metric} by ${points100} points` : `lowered the ${metric} by ${(-100 * gain).toFixed(1)} points`;
  const doubling = `The last doubling, to ${counted(last.images, 'image')}, ${changed} (standard error ${(100 * error).toFixed(1)}).`;
  const reach =
    last.images < available ? ` The curve ends at ${count(last.images)} of ${counted(available, 'image')}, to save time.` : '';
  if (gain >= WORTH && gain > error) return `${doubling} More images of this kind would probably help.${reach}`;
  if (gain + error < WORTH) return `${doubling} More images of this kind would add little.${reach}`;
  return `${doubling} This is too little, or too uncertain, to say that more images would help.${reach}`;
}
