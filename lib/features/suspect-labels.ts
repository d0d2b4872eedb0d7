import { mean } from '../arithmetic.ts';
import type { Suspect, SuspectReport } from '../contracts/dataset.ts';
import type { Dataset } from '../datasets/versions/dataset-store.ts';
import { randomStream } from '../random.ts';
import { type NearestList, nearestList } from '../training/nearest-list.ts';
import type { FeatureSet } from './feature-set.ts';
import { compareRows } from './nearest-neighbours.ts';

/** Number of neighbours to compare with. */
const NEIGHBOURS = 10;
/**
 * Share of the neighbours that must agree on another label; the share that is usual for that label, within these
 * bounds.
 */
const AGREEMENT = { least: 0.5, most: 0.8 };
/** The largest share of neighbours with the image's own label, relative to what is usual for that label. */
const OWN = 0.25;
/** Number of images of a class that are compared with as many images of the other class, if the class has them. */
const CLOSEST = 3;
/**
 * The most reference images, up to 2,000 classes; larger data sets use a sample. So the time grows linearly with the
 * number of images.
 */
const REFERENCES = 20_000;
/** All images of a class with at most this many images are references, unless there are so many classes. */
const SMALL_CLASS = 100;
/** With fewer images, neighbours carry no information. */
const FEWEST = 2 * NEIGHBOURS;
const NAMED = 200;
const SHOWN = 3;

/**
 * Finds images whose label may be wrong: the ten images with the most similar features (by cosine) have another label.
 * As in confident learning (Northcutt, Jiang & Chuang, arXiv:1911.00068), the threshold depends on the label. An image
 * is suspect if as many of its ten neighbours have the other label as is usual for images with that label, and at most
 * a quarter of what is usual have its own label. Two rules protect small and spread-out classes: classes whose images
 * are not neighbours of each other are skipped, and an image is skipped if the nearest images of its own class are
 * nearer than as many images of the other. A mistake that a whole class shares is not found. Labels that a person has
 * confirmed are never suspect.
 * @param features one row for each row of the data set
 * @returns the most suspect first; undefined for multi-label data sets and for few images
 */
export async function suspectLabels(
  features: FeatureSet,
  dataset: Pick<Dataset, 'digest' | 'labels' | 'rows' | 'targets' | 'task'>,
  signal?: AbortSignal,
): Promise<SuspectReport | undefined> {
  if (dataset.task !== 'single-label' || features.count < FEWEST) return undefined;
  const labels = Int32Array.from(dataset.targets, ([label = -1]) => label);
  const any = nearestList(features.count, NEIGHBOURS);
  const own = nearestList(features.count, CLOSEST);
  await compareRows(
    features,
    chooseReferences(labels, dataset.digest),
    (row, other, similarity) => {
      any.offer(row, other, similarity);
      if (labels[row] === labels[other]) own.offer(row, other, similarity);
    },
    signal,
  );
  const usual = usualShares(labels, dataset.labels.length, any);
  const suspects: (Suspect & { readonly doubt: number })[] = [];
  for (const [row, label] of labels.entries()) {
    if (dataset.rows.at(row)?.confirmed === true) continue;
    const found = suspicion(any.of(row), own.of(row), label, labels, usual);
    if (found === undefined) continue;
    const nameOf = (of: number): string => dataset.labels[labels[of] ?? -1] ?? '';
    suspects.push({
      path: pathOf(dataset, row),
      label: nameOf(row),
      suggested: dataset.labels[found.suggested] ?? '',
      agreement: found.agreement,
      neighbours: found.neighbours
        .slice(0, SHOWN)
        .map(({ row: other, similarity }) => ({ path: pathOf(dataset, other), label: nameOf(other), similarity })),
      doubt: found.gap,
    });
  }
  suspects.sort((a, b) => b.doubt - a.doubt);
  return {
    checked: features.count,
    found: suspects.length,
    suspects: suspects.slice(0, NAMED).map(({ doubt: _, ...suspect }) => suspect),
  };
}

/**
 * The rows to compare with: all rows, or in a large data set a sample, in which each class has at least ten rows if it has
 * them in the data set, and all rows of small classes are if there is room for them.
 * @param labels the class of each row
 * @param digest of the data set, which draws the sample
 */
export function chooseReferences(labels: Int32Array, digest: string): number[] {
  const rows = [...labels.keys()];
  if (rows.length <= REFERENCES) return rows;
  const ofClass = Math.floor(REFERENCES / new Set(labels).size);
  const most = Math.max(NEIGHBOURS, Math.min(SMALL_CLASS, ofClass));
  const counts = new Map<number, number>();
  const shuffled = randomStream(0, 'references', digest).shuffle(rows);
  const isFirst = (row: number): boolean => {
    const count = (counts.get(labels[row] ?? -1) ?? 0) + 1;
    counts.set(labels[row] ?? -1, count);
    return count <= most;
  };
  const { true: first = [], false: others = [] } = Object.groupBy(shuffled, (row) => (isFirst(row) ? 'true' : 'false'));
  return [...first, ...others.slice(0, Math.max(REFERENCES - first.length, 0))].sort((a, b) => a - b);
}

/**
 * For each class, the mean share of its images' neighbours that are in the class; 0 if its images are rarely
 * neighbours.
 */
function usualShares(labels: Int32Array, classes: number, any: NearestList): number[] {
  const sums = new Float64Array(classes);
  const counts = new Uint32Array(classes);
  for (const [row, label] of labels.entries()) {
    const neighbours = any.of(row);
    counts[label] = (counts[label] ?? 0) + 1;
    sums[label] = (sums[label] ?? 0) + neighbours.filter((one) => labels[one.row] === label).length / neighbours.length;
  }
  return Array.from(sums, (sum, label) => {
    const count = counts[label] ?? 0;
    const possible = Math.min(1, (count - 1) / NEIGHBOURS);
    return sum / count >= possible / 3 ? sum / count : 0;
  });
}

function suspicion(near: Neighbours, closest: Neighbours, label: number, labels: Int32Array, usual: readonly number[]) {
  const byLabel = Map.groupBy(near, ({ row }) => labels[row] ?? -1);
  const [suggested = label, neighbours = []] = [...byLabel].sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
  const agreement = neighbours.length / near.length;
  const own = (byLabel.get(label)?.length ?? 0) / near.length;
  const usualOwn = usual[label] ?? 0;
  const wanted = Math.min(Math.max(usual[suggested] ?? 0, AGREEMENT.least), AGREEMENT.most);
  if (suggested === label || usualOwn === 0 || agreement < wanted || own > OWN * usualOwn) return undefined;
  const gap = meanSimilarity(neighbours.slice(0, closest.length)) - meanSimilarity(closest);
  return gap > 0 ? { suggested, agreement, neighbours, gap } : undefined;
}

type Neighbours = ReturnType<NearestList['of']>;

function meanSimilarity(neighbours: readonly { readonly similarity: number }[]): number {
  return mean(neighbours.map(({ similarity }) => similarity));
}

function pathOf({ rows }: Pick<Dataset, 'rows'>, row: number): string {
  return rows.at(row)?.path ?? '';
}
