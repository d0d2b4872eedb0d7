import { median } from '../../lib/arithmetic.ts';
import { inTurnOrder } from './interleave.ts';
import { type Sample, timeWork } from './time-work.ts';

/** Fewer pairs say little: single runs on a shared machine differ by a factor of up to 1.7. */
export const USUAL_PAIRS = 5;

/** The lowest and the highest ratio of the pairs. */
export interface Spread {
  readonly lowest: number;
  readonly highest: number;
}

/** Medians over all pairs. A ratio is the peer's time divided by Graft's, in one pair: larger is better. */
export interface Compared {
  readonly ratio: number;
  /** Further ratios, by the name of what they compare with. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Of `ratio` and of each of `ratios`, by name. */
  readonly spread: Readonly<Record<string, Spread>>;
  readonly pairs: number;
  /** Measurements of each side, with the unit in the name. */
  readonly sides: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Measurements of one pair, by side. */
export type Sides = Readonly<Record<string, Readonly<Record<string, number>>>>;
type Ratio = (sides: Sides) => number;

export interface Comparison {
  readonly pairs: number;
  /** Measures all sides once, in turns. @param pair the number of the pair, from 0; -1 for the warm-up */
  readonly measure: (pair: number) => Promise<Sides>;
  /** Ratios of the measurements of one pair; `ratio` is the main one. */
  readonly ratios: Readonly<Record<string, Ratio>> & { readonly ratio: Ratio };
  /** Whether a further pair runs first and does not count. */
  readonly warmUp?: boolean;
}

/**
 * Measures all sides in turns, pair by pair, so that other load on the machine affects all of them, and compares within
 * each pair.
 */
export async function measurePairs({ pairs, measure, ratios, warmUp = false }: Comparison): Promise<Compared> {
  if (warmUp) await measure(-1);
  const measured: Sides[] = [];
  for (let pair = 0; pair < pairs; pair++) measured.push(await measure(pair));
  const values = Object.entries(ratios).map(([name, of]) => [name, measured.map(of)] as const);
  const { ratio = Number.NaN, ...others } = Object.fromEntries(values.map(([name, all]) => [name, median(all)]));
  const spread = values.map(([name, all]) => [name, { lowest: Math.min(...all), highest: Math.max(...all) }]);
  return { ratio, ratios: others, spread: Object.fromEntries(spread), pairs, sides: mediansOf(measured) };
}

/**
 * Compares the same work on a number of images and on several times as many. `ratio` is the smaller one's measurement
 * divided by the larger one's.
 * @param of the measurement of `ratio`
 * @param growths further ratios, by name: the larger one's measurement divided by the smaller one's
 */
export function measureGrowth({
  pairs,
  images,
  times,
  measure,
  of,
  growths,
}: {
  readonly pairs: number;
  readonly images: number;
  readonly times: number;
  readonly measure: (images: number) => Promise<Sides[string]>;
  readonly of: string;
  readonly growths: Readonly<Record<string, string>>;
}): Promise<Compared> {
  const further = Object.entries(growths).map(([name, measurement]) => [name, ratioOf('large', 'small', measurement)] as const);
  return measurePairs({
    pairs,
    measure: async () => ({ small: await measure(images), large: await measure(images * times) }),
    ratios: { ...Object.fromEntries(further), ratio: ratioOf('small', 'large', of) },
  });
}

/** What one side runs, with the number of the pair. It may return measurements of its own, which then count instead. */
type Side = (pair: number) => Promise<Partial<Sample> | undefined>;

/**
 * Runs each side once, and measures its time and CPU time. Every other pair runs them in reverse order, so that none
 * always comes first.
 * @returns a `measure` of measurePairs()
 */
export function inTurns(sides: Readonly<Record<string, Side>>): (pair: number) => Promise<Record<string, Sample>> {
  return async (pair) => {
    const samples: Record<string, Sample> = {};
    const turns = Object.entries(sides);
    for (const [name, side] of inTurnOrder(turns, pair)) samples[name] = await timeWork(() => side(pair));
    return samples;
  };
}

/** A ratio of two sides' measurements, by default of their seconds: the peer's divided by Graft's. */
export function ratioOf(peer: string, own: string, measurement = 'seconds'): Ratio {
  return (sides) => (sides[peer]?.[measurement] ?? Number.NaN) / (sides[own]?.[measurement] ?? Number.NaN);
}

function mediansOf(measured: readonly Sides[]): Compared['sides'] {
  const sides = Object.entries(measured[0] ?? {}).map(([side, sample]) => {
    const medians = Object.keys(sample).map((name) => [name, median(measured.map((each) => each[side]?.[name] ?? Number.NaN))]);
    return [side, Object.fromEntries(medians)];
  });
  return Object.fromEntries(sides);
}
