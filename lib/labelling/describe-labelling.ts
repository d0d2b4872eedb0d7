import { argMax } from '../arithmetic.ts';
import type { DatasetReport, ManifestRow } from '../contracts/dataset.ts';
import type { SuggestionQuery, Suggestions } from '../contracts/suggestions.ts';
import type { Rows } from '../datasets/tables/rows.ts';
import { keepRecent } from '../keep-recent.ts';
import { randomStream } from '../random.ts';
import { wilsonInterval } from '../training/metrics/wilson-interval.ts';
import { chooseNext } from './choose-next.ts';
import { distinctImages, isTest, type SpaceRow } from './distinct-images.ts';
import { expectGain } from './expect-gain.ts';
import type { FeatureSpace } from './feature-space.ts';
import { fitLabelled, type LabelledFit } from './fit-labelled.ts';
import type { Labelled } from './ridge.ts';

/** Labels of each class before anything is suggested. */
export const FEWEST_LABELS = 5;
/** Labelled test images before the accuracy is theirs. */
const FEWEST_TESTED = 10;
/** Of the images that a person is asked about, in this order: the test images measure, the random ones show bias. */
const TURNS = ['informative', 'informative', 'test', 'informative', 'informative', 'random', 'informative', 'test'] as const;

type Reason = (typeof TURNS)[number];

/** The rows of a version, and where each content is in the space of its images. */
export interface LabellingView {
  /** Of the version. */
  readonly digest: string;
  readonly rows: Rows;
  readonly space: FeatureSpace;
  /** By SHA-256. */
  readonly rowOf: ReadonlyMap<string, number>;
}

export interface DescribedLabelling extends Pick<Suggestions, 'accuracy' | 'gain'> {
  readonly suggestions: { readonly row: ManifestRow; readonly suggested: string; readonly confidence: number }[];
  readonly next: { readonly row: ManifestRow; readonly reason: Reason }[];
}

/** What a version's labels say of all its images, whatever is asked about it. */
interface FittedLabelling extends Pick<Suggestions, 'accuracy' | 'gain'> {
  readonly images: readonly SpaceRow[];
  /** Images without a label. */
  readonly pool: readonly SpaceRow[];
  readonly fit: LabelledFit | undefined;
  /** Rows of the space that were fitted. */
  readonly fitted: readonly number[];
  /** For training images of the pool, once each class has enough labels; the most confident first. */
  readonly suggestions: DescribedLabelling['suggestions'];
}

/**
 * Versions of a space whose fits stay in memory: the latest one, and that of another page. Each has a float32 for each
 * image and class: 80 MB for 20,000 images of 1,000 classes.
 */
const MOST_FITS = 2;
const fits = new WeakMap<FeatureSpace, Map<string, Promise<FittedLabelling>>>();

/**
 * Fits a head to the labelled training images, once for each version, and says what it suggests. Test images are neither
 * fitted nor suggested: they are asked about in the order of their SHA-256, which depends on no model.
 */
export async function describeLabelling(
  view: LabellingView,
  classes: DatasetReport['classes'],
  { limit, next, seed }: SuggestionQuery,
): Promise<DescribedLabelling> {
  const names = classes.map(({ label }) => label);
  const known = fits.get(view.space) ?? new Map<string, Promise<FittedLabelling>>();
  fits.set(view.space, known);
  const found = keepRecent(known, view.digest, known.get(view.digest) ?? fitLabelling(view, names), MOST_FITS);
  const {
    images,
    pool,
    fit,
    fitted: labelled,
    accuracy,
    gain,
    suggestions,
  } = await found.catch((error) => {
    // The next request fits again.
    if (known.get(view.digest) === found) known.delete(view.digest);
    throw error;
  });
  return {
    ...(accuracy && { accuracy }),
    ...(gain && { gain }),
    suggestions: suggestions.slice(0, limit),
    next: await chooseImages(view.space, fit, { labelled, pool, turn: images.length - pool.length, count: next, seed }),
  };
}

async function fitLabelling({ rows, rowOf, space }: LabellingView, names: readonly string[]): Promise<FittedLabelling> {
  const images = distinctImages(rows, rowOf);
  const trained = images.filter(({ row }) => row.unlabelled !== true && !isTest(row));
  const numbers = new Map(names.map((name, label) => [name, label]));
  const labelled: Labelled = {
    rows: trained.map(({ at }) => at),
    labels: trained.map(({ row }) => numbers.get(row.labels[0] ?? '') ?? -1),
    classes: names.length,
  };
  const counts: number[] = new Array(names.length).fill(0);
  for (const label of labelled.labels) counts[label] = (counts[label] ?? 0) + 1;
  const fit = counts.filter((count) => count > 0).length > 1 ? await fitLabelled(space, labelled) : undefined;
  const pool = images.filter(({ row }) => row.unlabelled === true);
  const isReady = fit !== undefined && counts.every((count) => count >= FEWEST_LABELS);
  const accuracy = fit && accuracyOf(fit, labelled, images, names);
  const gain = isReady ? await expectGain(space, labelled, fit.leftOutCorrect) : undefined;
  return { images, pool, fit, fitted: labelled.rows, accuracy, gain, suggestions: isReady ? suggest(fit, pool, names) : [] };
}

function accuracyOf(
  fit: LabelledFit,
  labelled: Labelled,
  images: readonly SpaceRow[],
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

function suggest(fit: LabelledFit, pool: readonly SpaceRow[], names: readonly string[]): DescribedLabelling['suggestions'] {
  return pool
    .filter(({ row }) => !isTest(row))
    .map(({ row, at }) => {
      const label = argMax(fit.probabilities, at * fit.classes, fit.classes);
      return { row, suggested: names[label] ?? '', confidence: fit.probabilities[at * fit.classes + label] ?? 0 };
    })
    .sort((a, b) => b.confidence - a.confidence);
}

async function chooseImages(
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
    readonly pool: readonly SpaceRow[];
    /** Number of images that have been labelled, test images among them. */
    readonly turn: number;
    readonly count: number;
    readonly seed: number;
  },
): Promise<DescribedLabelling['next']> {
  const rowAt = new Map(pool.map((image) => [image.at, image.row]));
  const training = pool.filter(({ row }) => !isTest(row)).map(({ at }) => at);
  const queues: Readonly<Record<Reason, number[]>> = {
    test: pool
      .filter(({ row }) => isTest(row))
      .sort((a, b) => (a.row.sha256 < b.row.sha256 ? -1 : 1))
      .map(({ at }) => at),
    random: randomStream(seed, 'ask', start).shuffle(training),
    informative: await chooseNext(space, fit, { labelled, candidates: training, count }),
  };
  const chosen = new Map<number, Reason>();
  for (let turn = start; chosen.size < count && chosen.size < rowAt.size; turn++) {
    const wanted = TURNS[turn % TURNS.length] ?? 'informative';
    for (const reason of [wanted, 'informative', 'random', 'test'] as const) {
      const at = queues[reason].find((each) => !chosen.has(each));
      if (at === undefined) continue;
      chosen.set(at, reason);
      break;
    }
  }
  return [...chosen].flatMap(([at, reason]) => {
    const row = rowAt.get(at);
    return row === undefined ? [] : [{ row, reason }];
  });
}
