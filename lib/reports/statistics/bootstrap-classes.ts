import { at } from '../../arithmetic.ts';
import type { RandomStream } from '../../random.ts';
import { balancedAccuracy, macroF1, microF1 } from '../../training/metrics/class-averages.ts';
import { type ConfusionCounts, f1, precision, recall, support } from '../../training/metrics/confusion-counts.ts';
import { CELL, type DecidedCells } from './decided-cells.ts';
import { countImageGroups, FEWEST_GROUPS, type ImageGroups, imagesByGroup } from './image-groups.ts';
import type { Interval } from './interval.ts';
import { percentile } from './percentile.ts';

/** 95% intervals of a class; undefined if no replicate has a value. */
export interface ClassIntervals {
  readonly precision: Interval | undefined;
  readonly recall: Interval | undefined;
  readonly f1: Interval | undefined;
}

export interface BootstrapResult {
  readonly replicates: number;
  /** [classes] */
  readonly classes: readonly ClassIntervals[];
  readonly macroF1: Interval;
  readonly microF1: Interval;
  /** The mean recall of the classes. */
  readonly balancedAccuracy: Interval;
}

const MOST_REPLICATES = 1000;
const FEWEST_REPLICATES = 200;
/** Images to draw and classes to count in total: about a second of work. */
const MOST_STEPS = 2e7;

const CLASS_METRICS = ['precision', 'recall', 'f1'] as const;

/** The metrics of one replicate. */
interface Replicate {
  /** [classes, 3]: the metrics of each class in the order of CLASS_METRICS; NaN where one would divide by zero. */
  readonly classes: Float64Array;
  /** NaN if no class was present or predicted, as that of all decisions. */
  readonly macroF1: number;
  readonly microF1: number;
  readonly balancedAccuracy: number;
}

/**
 * Computes 95% percentile intervals by a bootstrap over images (Efron, 1979): each replicate draws as many images as
 * there are, with replacement. Where images are related, it draws groups of them instead. With many images there are
 * fewer replicates, between 1,000 and 200.
 * @param random a stream of its own: the same stream gives the same intervals
 */
export function bootstrapClasses(cells: DecidedCells, random: RandomStream, groups?: ImageGroups): BootstrapResult {
  const equal = joinEqual(cells);
  return bootstrap([cells], { random, groups, least: 0 }, (rows) => metricsOf(drawCounts(equal, rows)));
}

/**
 * Computes 95% intervals of the differences of two models' metrics on the same images, by a paired bootstrap: both
 * models of a replicate have the same drawn images.
 * @param before the decisions of one model
 * @param after those of the other, on the same images in the same order and with the same classes
 * @returns intervals of after minus before
 */
export function bootstrapDifferences(
  before: DecidedCells,
  after: DecidedCells,
  random: RandomStream,
  groups?: ImageGroups,
): BootstrapResult {
  const equal = [joinEqual(before), joinEqual(after)] as const;
  return bootstrap([before, after], { random, groups, least: -1 }, (rows) => {
    const [first, second] = [metricsOf(drawCounts(equal[0], rows)), metricsOf(drawCounts(equal[1], rows))];
    return {
      classes: second.classes.map((own, i) => own - at(first.classes, i)),
      macroF1: second.macroF1 - first.macroF1,
      microF1: second.microF1 - first.microF1,
      balancedAccuracy: second.balancedAccuracy - first.balancedAccuracy,
    };
  });
}

interface Drawing {
  readonly random: RandomStream;
  readonly groups: ImageGroups;
  /** The least value that a metric can have. */
  readonly least: number;
}

/** @param models with the same number of images and classes */
function bootstrap(
  models: readonly DecidedCells[],
  { random, groups, least }: Drawing,
  measure: (rows: Uint32Array) => Replicate,
): BootstrapResult {
  const { count = 0, classes = 0 } = models[0] ?? {};
  const perReplicate = models.reduce((steps, { classOf }) => steps + count + classOf.length + 20 * classes, 0);
  const replicates = Math.max(FEWEST_REPLICATES, Math.min(MOST_REPLICATES, Math.floor(MOST_STEPS / perReplicate)));
  const draw = groups === undefined ? drawImages(count, random) : drawGroups(groups, random);
  const measured = Array.from({ length: replicates }, () => measure(draw()));
  // The replicates of few groups are alike: those of a single one are equal.
  const anything = { low: least, high: 1 };
  const areFew = groups !== undefined && countImageGroups(groups) < FEWEST_GROUPS;
  const ofFewGroups = classesOfFewGroups(models, groups);
  const ofClass = (of: number, metric: (typeof CLASS_METRICS)[number]) => {
    const values = measured.map((own) => at(own.classes, of * CLASS_METRICS.length + CLASS_METRICS.indexOf(metric)));
    const interval = intervalOf(values);
    return interval && ofFewGroups.has(of) ? anything : interval;
  };
  const ofAll = (metric: 'macroF1' | 'microF1' | 'balancedAccuracy') =>
    (areFew ? undefined : intervalOf(measured.map((own) => own[metric]))) ?? anything;
  return {
    replicates,
    classes: Array.from({ length: classes }, (_, of) => ({
      precision: ofClass(of, 'precision'),
      recall: ofClass(of, 'recall'),
      f1: ofClass(of, 'f1'),
    })),
    macroF1: ofAll('macroF1'),
    microF1: ofAll('microF1'),
    balancedAccuracy: ofAll('balancedAccuracy'),
  };
}

/** Draws as many images as there are. The rows are those of the last call. */
function drawImages(count: number, random: RandomStream): () => Uint32Array {
  const rows = new Uint32Array(count);
  return () => {
    for (let drawn = 0; drawn < count; drawn++) rows[drawn] = random.integer(count);
    return rows;
  };
}

/** Draws as many groups as there are, each with all its images. */
function drawGroups(groups: NonNullable<ImageGroups>, random: RandomStream): () => Uint32Array {
  const members = imagesByGroup(groups);
  return () => Uint32Array.from(members.flatMap(() => members[random.integer(members.length)] ?? []));
}

/** The classes that are present in, or predicted for, the images of few groups, some of them related. */
function classesOfFewGroups(models: readonly DecidedCells[], groups: ImageGroups): ReadonlySet<number> {
  const imagesOf = new Map<number, Set<number>>();
  for (const { starts, classOf } of models)
    for (const image of groups?.keys() ?? [])
      for (const of of classOf.subarray(starts[image], starts[image + 1]))
        imagesOf.set(of, (imagesOf.get(of) ?? new Set()).add(image));
  const hasFewGroups = ([, images]: [number, Set<number>]) => {
    const own = new Set([...images].map((image) => groups?.[image]));
    return own.size < images.size && own.size < FEWEST_GROUPS;
  };
  return new Set([...imagesOf].filter(hasFewGroups).map(([of]) => of));
}

function metricsOf(counts: readonly ConfusionCounts[]): Replicate {
  const classes = new Float64Array(counts.length * CLASS_METRICS.length);
  for (const [of, count] of counts.entries()) {
    const predicted = count.truePositives + count.falsePositives;
    classes.set(
      [
        predicted > 0 ? precision(count) : Number.NaN,
        support(count) > 0 ? recall(count) : Number.NaN,
        predicted + count.falseNegatives > 0 ? f1(count) : Number.NaN,
      ],
      of * CLASS_METRICS.length,
    );
  }
  return {
    classes,
    macroF1: macroF1(counts) ?? Number.NaN,
    microF1: microF1(counts) ?? Number.NaN,
    balancedAccuracy: balancedAccuracy(counts),
  };
}

/** Images with the same cells. There are few kinds of images, so that a replicate counts those instead of cells. */
interface EqualImages {
  readonly classes: number;
  /** [images]: the kind of each image. */
  readonly kindOf: Uint32Array;
  /** Where each image of a kind counts in [classes, 3], a value of CELL for each class. */
  readonly cells: readonly (readonly number[])[];
}

function joinEqual({ count, classes, starts, classOf, kindOf: cellKind }: DecidedCells): EqualImages {
  const kindOf = new Uint32Array(count);
  const cells: number[][] = [];
  const known = new Map<string, number>();
  for (let row = 0; row < count; row++) {
    const own: number[] = [];
    const end = starts[row + 1] ?? 0;
    for (let cell = starts[row] ?? 0; cell < end; cell++) own.push((classOf[cell] ?? 0) * 3 + (cellKind[cell] ?? 0));
    const name = own.join();
    const kind = known.get(name) ?? cells.push(own) - 1;
    known.set(name, kind);
    kindOf[row] = kind;
  }
  return { classes, kindOf, cells };
}

/** The counts of each class in one replicate. @param rows of the drawn images */
function drawCounts({ classes, kindOf, cells }: EqualImages, rows: Uint32Array): ConfusionCounts[] {
  const images = new Uint32Array(cells.length);
  for (const row of rows) {
    const kind = kindOf[row] ?? 0;
    images[kind] = (images[kind] ?? 0) + 1;
  }
  const drawn = new Uint32Array(classes * 3);
  for (const [kind, own] of cells.entries()) {
    for (const cell of own) drawn[cell] = (drawn[cell] ?? 0) + (images[kind] ?? 0);
  }
  return Array.from({ length: classes }, (_, of) => ({
    truePositives: drawn[of * 3 + CELL.truePositive] ?? 0,
    falsePositives: drawn[of * 3 + CELL.falsePositive] ?? 0,
    falseNegatives: drawn[of * 3 + CELL.falseNegative] ?? 0,
  }));
}

function intervalOf(values: readonly number[]): Interval | undefined {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  return sorted.length === 0 ? undefined : { low: percentile(sorted, 0.025), high: percentile(sorted, 0.975) };
}
