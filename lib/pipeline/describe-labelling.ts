import { argMax } from '../arithmetic.ts';
import type { DatasetReport, ManifestRow } from '../contracts/dataset.ts';
import type { SuggestionQuery, Suggestions } from '../contracts/suggestions.ts';
import type { Rows } from '../datasets/tables/rows.ts';
import { randomStream } from '../random.ts';
import { chooseNext } from '../training/labelling/choose-next.ts';
import { expectGain } from '../training/labelling/expect-gain.ts';
import type { FeatureSpace } from '../training/labelling/feature-space.ts';
import { fitLabelled, type LabelledFit } from '../training/labelling/fit-labelled.ts';
import type { Labelled } from '../training/labelling/ridge.ts';
import { wilsonInterval } from '../training/metrics/wilson-interval.ts';

/** Labels of each class before anything is suggested. */
export const FEWEST_LABELS = 5;
/** Labelled test images before the accuracy is theirs. */
const FEWEST_TESTED = 10;
/** Of the images that a person is asked about, in this order: the test images measure, the random ones show bias. */
const TURNS = ['informative', 'informative', 'test', 'informative', 'informative', 'random', 'informative', 'test'] as const;

type Reason = (typeof TURNS)[number];

/** The rows of a version, and where each content is in the space of its images. */
export interface LabellingView {
  readonly rows: Rows;
  readonly space: FeatureSpace;
  /** By SHA-256. */
  readonly rowOf: ReadonlyMap<string, number>;
}

export interface DescribedLabelling extends Pick<Suggestions, 'accuracy' | 'gain'> {
  readonly suggestions: { readonly row: ManifestRow; readonly suggested: string; readonly confidence: number }[];
  readonly next: { readonly row: ManifestRow; readonly reason: Reason }[];
}

/**
 * Fits a head to the labelled training images, and says what it suggests. Test images are neither fitted nor suggested:
 * they are asked about in the order of their SHA-256, which depends on no model.
 */
export function describeLabelling(
  view: LabellingView,
  classes: DatasetReport['classes'],
  { limit, next, seed }: SuggestionQuery,
): DescribedLabelling {
  const names = classes.map(({ label }) => label);
  const images = distinctImages(view);
  const trained = images.filter(({ row }) => row.unlabelled !== true && !isTest(row));
  const labelled: Labelled = {
    rows: trained.map(({ at }) => at),
    labels: trained.map(({ row }) => names.indexOf(row.labels[0] ?? '')),
    classes: names.length,
  };
  const counts = names.map((_, label) => labelled.labels.filter((each) => each === label).length);
  const fit = counts.filter((count) => count > 0).length > 1 ? fitLabelled(view.space, labelled) : undefined;
  const pool = images.filter(({ row }) => row.unlabelled === true);
  const isReady = fit !== undefined && counts.every((count) => count >= FEWEST_LABELS);
  const accuracy = fit && accuracyOf(fit, labelled, images, names);
  const gain = isReady ? expectGain(view.space, labelled, fit.leftOutCorrect) : undefined;
  return {
    ...(accuracy && { accuracy }),
    ...(gain && { gain }),
    suggestions: isReady ? suggest(fit, pool, names).slice(0, limit) : [],
    next: chooseImages(view.space, fit, { labelled: labelled.rows, pool, turn: images.length - pool.length, count: next, seed }),
  };
}

interface PlacedRow {
  readonly row: ManifestRow;
  /** Row of the space. */
  readonly at: number;
}

/** One row for each content; a labelled one, if there is any. */
function distinctImages({ rows, rowOf }: LabellingView): PlacedRow[] {
  const found = new Map<number, PlacedRow>();
  for (const row of rows) {
    const at = rowOf.get(row.sha256);
    if (at !== undefined && found.get(at)?.row.unlabelled !== undefined) found.delete(at);
    if (at !== undefined && !found.has(at)) found.set(at, { row, at });
  }
  return [...found.values()];
}

function isTest({ split }: ManifestRow): boolean {
  return split === 'test';
}

function accuracyOf(
  fit: LabelledFit,
  labelled: Labelled,
  images: readonly PlacedRow[],
  names: readonly string[],
): Suggestions['accuracy'] {
  const tested = images
    .filter(({ row }) => row.unlabelled !== true && isTest(row))
    .map(({ row, at }) => names[argMax(fit.probabilities, at * fit.classes, fit.classes)] === row.labels[0]);
  const method = tested.length >= FEWEST_TESTED ? 'test' : 'leave-one-out';
  const correct = method === 'test' ? tested : fit.leftOutCorrect;
  if (correct.length === 0 || labelled.rows.length === 0) return undefined;
  const value = correct.filter(Boolean).length / correct.length;
  return { method, value, ...wilsonInterval(value, correct.length), images: correct.length };
}

function suggest(fit: LabelledFit, pool: readonly PlacedRow[], names: readonly string[]): DescribedLabelling['suggestions'] {
  return pool
    .filter(({ row }) => !isTest(row))
    .map(({ row, at }) => {
      const label = argMax(fit.probabilities, at * fit.classes, fit.classes);
      return { row, suggested: names[label] ?? '', confidence: fit.probabilities[at * fit.classes + label] ?? 0 };
    })
    .sort((a, b) => b.confidence - a.confidence);
}

function chooseImages(
  space: FeatureSpace,
  fit: LabelledFit | undefined,
  {
    labelled,
    pool,
    turn: start,
    count,
    seed,
  }: {
    readonly labelled: readonly number[];
    readonly pool: readonly PlacedRow[];
    /** Number of images that have been labelled, test images among them. */
    readonly turn: number;
    readonly count: number;
    readonly seed: number;
  },
): DescribedLabelling['next'] {
  const byPlace = new Map(pool.map((image) => [image.at, image.row]));
  const training = pool.filter(({ row }) => !isTest(row)).map(({ at }) => at);
  const queues: Readonly<Record<Reason, number[]>> = {
    test: pool
      .filter(({ row }) => isTest(row))
      .sort((a, b) => (a.row.sha256 < b.row.sha256 ? -1 : 1))
      .map(({ at }) => at),
    random: randomStream(seed, 'ask', start).shuffle(training),
    informative: chooseNext(space, fit, { labelled, candidates: training, count }),
  };
  const chosen = new Map<number, Reason>();
  for (let turn = start; chosen.size < count && chosen.size < byPlace.size; turn++) {
    const wanted = TURNS[turn % TURNS.length] ?? 'informative';
    for (const reason of [wanted, 'informative', 'random', 'test'] as const) {
      const at = queues[reason].find((each) => !chosen.has(each));
      if (at === undefined) continue;
      chosen.set(at, reason);
      break;
    }
  }
  return [...chosen].flatMap(([at, reason]) => {
    const row = byPlace.get(at);
    return row === undefined ? [] : [{ row, reason }];
  });
}
