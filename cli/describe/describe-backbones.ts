import type { BackboneComparison, ComparedBackbone } from '../../lib/contracts/backbone-comparison.ts';
import { percent } from '../../lib/format.ts';
import { nameBackbones } from '../../lib/search/choose-backbone.ts';
import { table } from '../output.ts';

/** The compared backbones as a table: how well each did, what each costs, and which was chosen. */
export function describeBackbones({ candidates, chosen }: BackboneComparison): string {
  const names = nameBackbones(candidates);
  const score = candidates[0]?.accuracy === undefined ? 'mAP' : 'accuracy';
  return table([
    ['backbone', 'loss', score, 'time/image', 'weights', 'licence', ''],
    ...candidates.map((candidate, i) => [
      names[i] ?? candidate.name,
      lossOf(candidate),
      scoreOf(candidate),
      candidate.milliseconds === undefined ? '' : `${candidate.milliseconds.toFixed(0)} ms`,
      `${candidate.megabytes.toFixed(0)} MB`,
      candidate.licence,
      i + 1 === chosen ? 'chosen' : '',
    ]),
  ]);
}

function scoreOf({ accuracy, meanAveragePrecision }: ComparedBackbone): string {
  const score = accuracy ?? meanAveragePrecision;
  return score === undefined ? '' : percent(score);
}

/** `0.213`, or with the standard error of the difference to the lowest loss: `0.241 (+0.028 ± 0.012)`. */
function lossOf({ negativeLogLikelihood, difference, standardError }: ComparedBackbone): string {
  const loss = negativeLogLikelihood.toFixed(3);
  if (difference === 0) return loss;
  const error = standardError === undefined ? '' : ` ± ${standardError.toFixed(3)}`;
  return `${loss} (+${difference.toFixed(3)}${error})`;
}
