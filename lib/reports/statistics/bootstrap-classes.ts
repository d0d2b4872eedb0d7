import { at } from '../../arithmetic.ts';
import type { RandomStream } from '../../random.ts';
import { balancedAccuracy, macroF1, microF1 } from '../../training/metrics/class-averages.ts';
import { f1, precision, recall, support } from '../../training/metrics/confusion-counts.ts';
import { CELL, type DecidedCells } from './decided-cells.ts';
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

/**
 * Computes 95% percentile intervals by a bootstrap over images (Efron, 1979): each replicate draws as many images as
 * there are, with replacement. With many images there are fewer replicates, between 1,000 and 200.
 * @param random a stream of its own: the same stream gives the same intervals
 */
export function bootstrapClasses(cells: DecidedCells, random: RandomStream): BootstrapResult {
  const { classes, count } = cells;
  const perReplicate = count + cells.classOf.length + 20 * classes;
  const replicates = Math.max(FEWEST_REPLICATES, Math.min(MOST_REPLICATES, Math.floor(MOST_STEPS / perReplicate)));
  const values = {
    precision: Array.from({ length: classes }, (): number[] => []),
    recall: Array.from({ length: classes }, (): number[] => []),
    f1: Array.from({ length: classes }, (): number[] => []),
  };
  const macro: number[] = [];
  const micro: number[] = [];
  const balanced: number[] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    const counts = drawCounts(cells, random);
    for (const [of, count] of counts.entries()) {
      const predicted = count.truePositives + count.falsePositives;
      if (predicted > 0) values.precision[of]?.push(precision(count));
      if (support(count) > 0) values.recall[of]?.push(recall(count));
      if (predicted + count.falseNegatives > 0) values.f1[of]?.push(f1(count));
    }
    macro.push(macroF1(counts));
    micro.push(microF1(counts));
    balanced.push(balancedAccuracy(counts));
  }
  return {
    replicates,
    classes: Array.from({ length: classes }, (_, of) => ({
      precision: intervalOf(values.precision[of]),
      recall: intervalOf(values.recall[of]),
      f1: intervalOf(values.f1[of]),
    })),
    macroF1: intervalOf(macro) ?? { low: 0, high: 1 },
    microF1: intervalOf(micro) ?? { low: 0, high: 1 },
    balancedAccuracy: intervalOf(balanced) ?? { low: 0, high: 1 },
  };
}

/** The counts of each class in one replicate. */
function drawCounts({ count, classes, starts, classOf, kindOf }: DecidedCells, random: RandomStream) {
  const drawn = new Uint32Array(classes * 3);
  for (let draw = 0; draw < count; draw++) {
    const row = random.integer(count);
    const end = at(starts, row + 1);
    for (let cell = at(starts, row); cell < end; cell++) {
      const place = at(classOf, cell) * 3 + at(kindOf, cell);
      drawn[place] = at(drawn, place) + 1;
    }
  }
  return Array.from({ length: classes }, (_, of) => ({
    truePositives: at(drawn, of * 3 + CELL.truePositive),
    falsePositives: at(drawn, of * 3 + CELL.falsePositive),
    falseNegatives: at(drawn, of * 3 + CELL.falseNegative),
  }));
}

function intervalOf(values: readonly number[] = []): Interval | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  return { low: percentile(sorted, 0.025), high: percentile(sorted, 0.975) };
}
