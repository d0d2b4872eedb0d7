/**
 * Successive halving (Jamieson & Talwalkar, arXiv:1502.07943): all trials get a little, the best third of them three
 * times as much, and so on. What is spent on each rung is about the same.
 */

/** From one rung to the next so many times fewer trials, with so many times more. */
const FACTOR = 3;

export interface Rung {
  /** How many trials it has. */
  readonly trials: number;
  /** What each of them gets of what a trial gets at most. */
  readonly share: number;
}

/** The rungs for so many trials. On the last one two or three are compared with all that there is, or the only one there is. */
export function rungsFor(trials: number): Rung[] {
  const counts: number[] = [];
  for (let count = trials; count > FACTOR; count = Math.ceil(count / FACTOR)) counts.push(count);
  counts.push(Math.ceil(trials / FACTOR ** counts.length));
  return counts.map((count, rung) => ({ trials: count, share: FACTOR ** (rung + 1 - counts.length) }));
}

export interface HalvingSteps<Outcome> {
  /** @param trial from 0 @param rung from 0 */
  run(trial: number, rung: number): Promise<Outcome>;
  /** The lower, the better; not finite where the trial failed. */
  score(outcome: Outcome): number;
  /** Asked before each run but the first, with all outcomes so far: whether there is still time. */
  mayGoOn(outcomes: readonly Outcome[]): boolean;
  /** The trial that the others are compared with: the first on each rung, whatever its score. */
  readonly reference?: number;
}

export interface Halved<Outcome> {
  /** The trial with the lowest score of those that came furthest; undefined where all failed. */
  readonly best: { readonly trial: number; readonly rung: number } | undefined;
  /** The outcomes on that rung, whatever their scores. */
  readonly furthest: readonly Outcome[];
  /** Of each trial that was run, its last outcome. */
  readonly last: ReadonlyMap<number, Outcome>;
}

/** Runs trials rung after rung, those of a rung from the best to the worst, so that where time is up the best have had theirs. */
export async function halve<Outcome>(
  trials: number,
  { run, score, mayGoOn, reference }: HalvingSteps<Outcome>,
): Promise<Halved<Outcome>> {
  const outcomes: Outcome[] = [];
  const last = new Map<number, Outcome>();
  let best: Halved<Outcome>['best'];
  let furthest: readonly Outcome[] = [];
  let standing = Array.from({ length: trials }, (_, trial) => trial);
  for (const [rung, { trials: count }] of rungsFor(trials).entries()) {
    const ranked: { trial: number; score: number }[] = [];
    const reached: Outcome[] = [];
    for (const trial of onRung(standing, count, reference)) {
      if (outcomes.length > 0 && !mayGoOn(outcomes)) break;
      const outcome = await run(trial, rung);
      outcomes.push(outcome);
      reached.push(outcome);
      last.set(trial, outcome);
      const scored = score(outcome);
      if (Number.isFinite(scored)) ranked.push({ trial, score: scored });
    }
    // Equals stay in their order.
    ranked.sort((a, b) => a.score - b.score);
    const [first] = ranked;
    if (first === undefined) break;
    best = { trial: first.trial, rung };
    furthest = reached;
    standing = ranked.map(({ trial }) => trial);
  }
  return { best, furthest, last };
}

/** The best so far, as many as the rung has; the reference is one of them, and the first. */
function onRung(standing: readonly number[], count: number, reference: number | undefined): readonly number[] {
  if (reference === undefined) return standing.slice(0, count);
  return [reference, ...standing.filter((trial) => trial !== reference).slice(0, count - 1)];
}
