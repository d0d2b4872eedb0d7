import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import type { DoubtfulPairs } from '../../lib/contracts/find-images.ts';
import type { ChangeSet, LabelChange, Relabelling } from './relabelling.ts';
import { isSame } from './send-labels.ts';

export type Pair = DoubtfulPairs['pairs'][number];
export type Answer = 'left' | 'right' | 'both' | 'skip';

/** A pair with what its answer changed; undefined if it was skipped. */
export interface AnsweredPair {
  readonly pair: Pair;
  readonly set: ChangeSet | undefined;
}

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

/**
 * The pairs of a review: those that were found last, and before them those of earlier parts whose answers were taken back.
 * @param returned in the order in which their answers were taken back
 */
export function pairsOf(found: readonly Pair[], returned: readonly Pair[]): readonly Pair[] {
  const pairs = new Map(found.map((pair) => [keyOf(pair), pair]));
  const earlier = new Map(returned.toReversed().map((pair) => [keyOf(pair), pair]));
  return [...earlier.values()].filter((pair) => !pairs.has(keyOf(pair))).concat(found);
}

/**
 * How far a review is: the number of the pair that is shown, of all. Answered pairs of earlier parts are not found again.
 * @param waiting those of `pairs` that wait for an answer
 * @param answered keys of pairs
 * @param rest number of pairs that later parts have
 */
export function progressOf(
  pairs: readonly Pair[],
  waiting: readonly Pair[],
  { answered, rest }: { readonly answered: ReadonlySet<string>; readonly rest: number },
): { readonly number: number; readonly all: number } {
  const present = new Set(pairs.map(keyOf));
  const gone = [...answered].filter((key) => !present.has(key)).length;
  return { number: gone + pairs.length - waiting.length + 1, all: gone + pairs.length + rest };
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
