import type { CandidateBackbone } from '../contracts/job-spec.ts';
import { counted, percent } from '../format.ts';
import {
  type ComparedImages,
  chanceOf,
  lossDifference,
  type PairedDifference,
  weightedMean,
} from '../training/paired-difference.ts';

/** A backbone with its cost and the losses of a head on its features. */
export interface EvaluatedBackbone {
  readonly name: string;
  /** For one image. */
  readonly multiplyAdds: number;
  /** Losses of held-out images; the same images in the same order for all backbones. */
  readonly losses: ArrayLike<number>;
}

export interface BackboneChoice {
  /** Index of the chosen backbone. */
  readonly chosen: number;
  /** For each backbone: by how much the lowest mean loss is below its own. */
  readonly differences: readonly PairedDifference[];
  readonly reason: string;
}

/**
 * Chooses the backbone that needs the fewest multiply-adds among those whose loss exceeds the lowest by at most one
 * standard error: a smaller difference may be chance, and a smaller backbone trains and predicts faster. Images that all
 * belong together show nothing about chance: then the backbone with the lowest loss is chosen.
 * @param backbones at least one
 * @param compared how the images count
 */
export function chooseBackbone(backbones: readonly EvaluatedBackbone[], compared: ComparedImages = {}): BackboneChoice {
  const meanOf = ({ losses }: EvaluatedBackbone): number => weightedMean(Float64Array.from(losses), compared.weights);
  const best = backbones.reduce((low, next) => (meanOf(next) < meanOf(low) ? next : low));
  const differences = backbones.map(({ losses }) => lossDifference(best.losses, losses, compared));
  const equal = backbones.filter((backbone, i) => {
    const { gain, standardError } = differences[i] ?? { gain: 0, standardError: 0 };
    return backbone === best || gain <= chanceOf(standardError);
  });
  const smallest = equal.reduce((least, next) => (next.multiplyAdds < least.multiplyAdds ? next : least));
  const chosen = backbones.indexOf(smallest);
  return { chosen, differences, reason: reasonFor(smallest, { best, loss: meanOf(best) }, differences[chosen]) };
}

function reasonFor(
  chosen: EvaluatedBackbone,
  { best, loss }: { readonly best: EvaluatedBackbone; readonly loss: number },
  difference: PairedDifference | undefined,
): string {
  const images = counted(best.losses.length, 'held-out training image');
  const lowest = `the lowest loss of a linear head on ${images} (${loss.toFixed(3)})`;
  if (chosen === best)
    return `${best.name} has ${lowest}, and no backbone that needs less computation is within one standard error of it.`;
  const { gain = 0, standardError = 0 } = difference ?? {};
  const share = percent(chosen.multiplyAdds / best.multiplyAdds, 0);
  const chance = Number.isFinite(standardError) ? `, within one standard error (${standardError.toFixed(3)})` : '';
  return (
    `${best.name} has ${lowest}. ${chosen.name} was chosen: its loss is ${gain.toFixed(3)} higher${chance}, and it needs ` +
    `${share} of the computation.`
  );
}

/** Names backbones for a sentence: with their width and input size only where a name occurs twice. */
export function nameBackbones(backbones: readonly CandidateBackbone[]): string[] {
  return backbones.map(({ name, alpha, inputSize }) => {
    if (backbones.filter((other) => other.name === name).length === 1) return name;
    const size = typeof inputSize === 'number' ? [inputSize, inputSize] : inputSize;
    return [name, ...(alpha === undefined ? [] : [`alpha ${alpha}`]), ...(size ? [`at ${size.join('x')}`] : [])].join(' ');
  });
}
