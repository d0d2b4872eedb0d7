import { sum } from '../arithmetic.ts';
import type { MixtureTerm } from '../training/closed-form/choose-mixture.ts';
import type { Loss } from '../training/losses/loss.ts';

/**
 * The mixture of a head in closed form as numbers for the job's record: weighted means over its terms.
 * @returns with `heldOutLoss` in the unit of all reported losses: the mean over the images, and for multi-label over the
 * labels, too
 */
export function mixtureEvidence(
  mixture: readonly MixtureTerm[],
  { task, classes }: Pick<Loss, 'task'> & { readonly classes: number },
): Record<string, number> {
  const weighted = (of: (term: MixtureTerm) => number) =>
    Number(sum(mixture.map((term) => term.weight * of(term))).toPrecision(4));
  const decisions = task === 'multi-label' ? classes : 1;
  return {
    stageShare: weighted(({ share }) => share),
    gridShare: weighted(({ share, withGrids }) => (withGrids ? share : 0)),
    ridge: weighted(({ ridge }) => ridge),
    heldOutLoss: weighted(({ loss }) => loss / decisions),
  };
}
