import type { SearchSpec, SearchValues } from '../contracts/search-spec.ts';
import { type RandomStream, randomStream } from '../random.ts';

/** A trial's values, by path. */
export type TrialValues = Readonly<Record<string, unknown>>;

/** Number of times that a duplicate draw is repeated. */
const TRIES = 20;

/**
 * Draws the trials of a search, as the values that they change: every combination if there are few enough, else a
 * random sample without duplicates.
 * @param isInteger tells whether the value at a path is an integer
 */
export function drawTrials(
  { over, trials }: Pick<SearchSpec, 'over' | 'trials'>,
  seed: number,
  isInteger: (path: string) => boolean,
): TrialValues[] {
  const paths = Object.entries(over);
  const all = combinations(paths, trials);
  if (all !== undefined) return all;
  const drawn = new Map<string, TrialValues>();
  for (let draw = 0; drawn.size < trials && draw < trials * TRIES; draw++) {
    const random = randomStream(seed, 'search', draw);
    const trial = Object.fromEntries(paths.map(([path, values]) => [path, drawValue(values, isInteger(path), random)]));
    const key = JSON.stringify(trial);
    if (!drawn.has(key)) drawn.set(key, trial);
  }
  return [...drawn.values()];
}

/**
 * Lists all combinations of values.
 * @returns undefined if there are more than `most`
 */
function combinations(paths: readonly (readonly [string, SearchValues])[], most: number): TrialValues[] | undefined {
  let trials: TrialValues[] = [{}];
  for (const [path, values] of paths) {
    if (!Array.isArray(values) || trials.length * values.length > most) return undefined;
    trials = trials.flatMap((trial) => values.map((value) => ({ ...trial, [path]: value })));
  }
  return trials;
}

function drawValue(values: SearchValues, integer: boolean, random: RandomStream): unknown {
  if (Array.isArray(values)) return values[random.integer(values.length)];
  const { min, max, scale } = values;
  const share = random.next();
  const value = scale === 'log' ? min * (max / min) ** share : min + share * (max - min);
  if (integer) return Math.min(Math.floor(max), Math.max(Math.ceil(min), Math.round(value)));
  return Math.min(max, Math.max(min, Number(value.toPrecision(3))));
}
