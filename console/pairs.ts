import type { DatasetImage } from '../lib/contracts/dataset-http.ts';
import type { DoubtfulPairs } from '../lib/contracts/find-images.ts';
import type { LabelChange, Relabelling } from './relabelling.ts';
import { isSame } from './send-labels.ts';

export type Pair = DoubtfulPairs['pairs'][number];
export type Answer = 'left' | 'right' | 'both' | 'skip';

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

/** The answers of a kind of pair. Only similar pictures may differ in what they show, so that both labels are right. */
export function answersOf(kind: Pair['kind']): readonly Answer[] {
  return kind === 'similar' ? ['left', 'right', 'both', 'skip'] : ['left', 'right', 'skip'];
}

/** What an answer changes. Of a suspect pair, only the left image is in doubt: to keep its label is to confirm it. */
export function changesOf({ kind, left, right }: Pair, answer: Answer): LabelChange[] {
  if (!answersOf(kind).includes(answer)) return [];
  if (answer === 'right') return [relabel(left, right.labels)];
  if (answer === 'left') return [kind === 'suspect' ? confirm(left) : relabel(right, left.labels)];
  return answer === 'both' ? [confirm(left), confirm(right)] : [];
}

function relabel({ path, labels, confirmed }: DatasetImage, after: readonly string[]): LabelChange {
  return { image: path, before: labels, after, wasConfirmed: confirmed };
}

function confirm(image: DatasetImage): LabelChange {
  return { ...relabel(image, image.labels), isConfirmed: true };
}

export function keyOf({ left, right }: Pair): string {
  return `${left.path}\n${right.path}`;
}
