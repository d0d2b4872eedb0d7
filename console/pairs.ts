import type { DoubtfulPairs } from '../lib/contracts/find-images.ts';
import { isSame, type LabelChange, type Relabelling } from './relabelling.ts';

export type Pair = DoubtfulPairs['pairs'][number];
export type Answer = 'left' | 'right' | 'skip';

/**
 * The pairs that still wait for an answer, with the labels that earlier answers gave: pairs share images.
 * @param answered keys of pairs
 */
export function pairsLeft(
  found: readonly Pair[],
  answered: ReadonlySet<string>,
  labelsOf: Relabelling['labelsOf'],
): readonly Pair[] {
  const relabelled = <Image extends Pair['left']>(image: Image) => ({
    ...image,
    labels: [...(labelsOf(image.path) ?? image.labels)],
  });
  return found
    .filter((pair) => !answered.has(keyOf(pair)))
    .map((pair) => ({ ...pair, left: relabelled(pair.left), right: relabelled(pair.right) }))
    .filter(({ left, right }) => !isSame(left.labels, right.labels));
}

/** What an answer changes. Of a suspect pair, only the left image is in doubt. */
export function changesOf({ kind, left, right }: Pair, answer: Answer): LabelChange[] {
  if (answer === 'right') return [{ image: left.path, before: left.labels, after: right.labels }];
  if (answer === 'left' && kind !== 'suspect') return [{ image: right.path, before: right.labels, after: left.labels }];
  return [];
}

export function keyOf({ left, right }: Pair): string {
  return `${left.path}\n${right.path}`;
}
