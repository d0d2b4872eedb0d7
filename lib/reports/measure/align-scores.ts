import { at32 } from '../../arithmetic.ts';
import type { ModelCard } from '../../contracts/model-card.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import { groupsAmong, type ImageGroups } from '../statistics/image-groups.ts';
import { joinGroups } from './join-groups.ts';
import type { ImageName } from './report-input.ts';
import type { ScoredImages } from './scored-images.ts';

/** The logit of a label that a model does not have: a probability of 0, and finite in every sum. */
const ABSENT_LOGIT = -1e4;

/** A version with the scores of the images that it was evaluated on. */
export interface EvaluatedVersion {
  readonly version: number;
  readonly card: ModelCard;
  readonly scored: ScoredImages;
  /** By their index among the data set's labelled images. */
  readonly images: ReadonlyMap<number, ImageName>;
}

/** The scores of one version on the common images, with a column for each label of either version. */
export interface AlignedVersion {
  readonly scores: LabelledLogits;
  /** Of a multi-label model, [labels]. */
  readonly thresholds: readonly number[] | undefined;
  /** Whether the version has all labels of the common images. */
  readonly hasAllLabels: boolean;
}

export interface AlignedScores {
  /** The labels of the later version, then those that only the earlier one has. */
  readonly labels: readonly string[];
  /** The images that both versions were evaluated on. */
  readonly images: readonly ImageName[];
  /** Of each image, its index among the labelled images in the data set of the later version. */
  readonly rows: readonly number[];
  readonly before: AlignedVersion;
  readonly after: AlignedVersion;
  /** Number of common images whose labels differ between the two data sets. */
  readonly relabelled: number;
  /** Which of the common images are related, in the data set of either version. */
  readonly groups: ImageGroups;
}

/**
 * Finds the images that two versions were evaluated on, by SHA-256, and brings their scores into the same order of
 * images and labels. The targets are the labels of the later version's data set.
 * @param before, after of the same task
 * @returns without images if there is no common one
 */
export function alignScores(before: EvaluatedVersion, after: EvaluatedVersion): AlignedScores {
  const earlier = indexesByImage(before);
  const common = [...indexesByImage(after)].flatMap(([sha256, { index, row, image }]) => {
    const found = earlier.get(sha256);
    return found === undefined ? [] : [{ image, row, before: found.index, after: index }];
  });
  const labels = [...new Set([...after.card.labels, ...before.card.labels])];
  const targets = spread(after, labels, after.scored.scores.targets, { indexes: common.map((one) => one.after), absent: 0 });
  const earlierTargets = spread(before, labels, before.scored.scores.targets, {
    indexes: common.map((one) => one.before),
    absent: 0,
  });
  const isUsed = labels.map((_, of) => common.some((__, row) => at32(targets, row * labels.length + of) > 0.5));
  const align = (version: EvaluatedVersion, indexes: readonly number[]): AlignedVersion => {
    const { task, logits } = version.scored.scores;
    const aligned = spread(version, labels, logits, { indexes, absent: ABSENT_LOGIT });
    const thresholds = labels.map((label) => version.card.thresholds?.[version.card.labels.indexOf(label)] ?? 0.5);
    return {
      scores: { task, count: common.length, classes: labels.length, logits: aligned, targets },
      thresholds: task === 'multi-label' ? thresholds : undefined,
      hasAllLabels: labels.every((label, of) => !isUsed[of] || version.card.labels.includes(label)),
    };
  };
  const groupsOf = ({ scored }: EvaluatedVersion, of: 'before' | 'after') =>
    groupsAmong(
      scored.groups,
      common.map((one) => one[of]),
    );
  return {
    labels,
    groups: joinGroups(groupsOf(before, 'before'), groupsOf(after, 'after')),
    images: common.map(({ image }) => image),
    rows: common.map(({ row }) => row),
    before: align(
      before,
      common.map((one) => one.before),
    ),
    after: align(
      after,
      common.map((one) => one.after),
    ),
    relabelled: common.filter((_, row) => {
      const [from, to] = [row * labels.length, (row + 1) * labels.length];
      return targets.subarray(from, to).some((target, of) => target !== earlierTargets[from + of]);
    }).length,
  };
}

/** The index of each image in the scores, by SHA-256. */
function indexesByImage({
  scored: { rows },
  images,
}: EvaluatedVersion): Map<string, { index: number; row: number; image: ImageName }> {
  return new Map(
    rows.flatMap((row, index) => {
      const image = images.get(row);
      return image === undefined ? [] : [[image.sha256, { index, row, image }] as const];
    }),
  );
}

/** Picks rows of [count, own labels], with a column for each of `labels`, [indexes, labels]. */
function spread(
  { card, scored }: EvaluatedVersion,
  labels: readonly string[],
  values: Float32Array,
  { indexes, absent }: { readonly indexes: readonly number[]; readonly absent: number },
): Float32Array {
  const { classes } = scored.scores;
  const numberOf = new Map(card.labels.map((label, of) => [label, of]));
  const columns = labels.map((label) => numberOf.get(label));
  const picked = new Float32Array(indexes.length * labels.length);
  for (const [row, index] of indexes.entries())
    for (const [column, of] of columns.entries())
      picked[row * labels.length + column] = of === undefined ? absent : at32(values, index * classes + of);
  return picked;
}
