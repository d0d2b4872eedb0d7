/**
 * Successive halving (Jamieson & Talwalkar, arXiv:1502.07943): all trials get a small budget, the best third gets three
 * times as much, and so on. Each rung costs about the same.
 */

/** Each rung has FACTOR times fewer trials, each with FACTOR times the budget. */
const FACTOR = 3;

export interface Rung {
  /** Number of trials. */
  readonly trials: number;
  /** Each trial's share of the full budget. */
  readonly share: number;
}

/**
 * Returns the rungs for a number of trials. The last rung compares two or three trials, or runs a single one, on the
 * full budget.
 */
export function rungsFor(trials: number): Rung[] {
  const counts: number[] = [];
  for (let count = trials; count > FACTOR; count = Math.ceil(count / FACTOR)) counts.push(count);
  counts.push(Math.ceil(trials / FACTOR ** counts.length));
  return counts.map((count, rung) => ({ trials: count, share: FACTOR ** (rung + 1 - counts.length) }));
}

export interface HalvingSteps<Outcome> {
  /**
   * Runs a trial on a rung.
   * @param trial counted from 0
   * @param rung counted from 0
   */
  run(trial: number, rung: number): Promise<Outcome>;
  /** Returns the score of an outcome: lower is better, and not finite means that the trial failed. */
  score(outcome: Outcome): number;
  /**
   * Called before each run except the first, with all outcomes so far.
   * @returns whether there is time for another run
   */
  mayContinue(outcomes: readonly Outcome[]): boolean;
  /** The trial that the others are compared with. It runs first on each rung, whatever its score. */
  readonly reference?: number;
}

export interface Halved<Outcome> {
  /**
   * All outcomes, whatever their scores, on the last rung that compares trials: where one of them ended with a score,
   * and the reference did not run alone. If there is none, those of the reference alone. Empty if all trials failed.
   */
  readonly furthest: readonly Outcome[];
  /** The last outcome of each trial that was run. */
  readonly last: ReadonlyMap<number, Outcome>;
}

/** Runs trials rung by rung, in each rung from the best to the worst, so that the best have run when time is up. */
export async function halve<Outcome>(
  trials: number,
  { run, score, mayContinue, reference }: HalvingSteps<Outcome>,
): Promise<Halved<Outcome>> {
  const outcomes: Outcome[] = [];
  const last = new Map<number, Outcome>();
  let furthest: readonly Outcome[] = [];
  let standing = Array.from({ length: trials }, (_, trial) => trial);
  for (const [rung, { trials: count }] of rungsFor(trials).entries()) {
    const ranked: { trial: number; score: number }[] = [];
    const reached: Outcome[] = [];
    for (const trial of onRung(standing, count, reference)) {
      if (outcomes.length > 0 && !mayContinue(outcomes)) break;
      const outcome = await run(trial, rung);
      outcomes.push(outcome);
      reached.push(outcome);
      last.set(trial, outcome);
      const scored = score(outcome);
      if (Number.isFinite(scored)) ranked.push({ trial, score: scored });
    }
    // The sort is stable: equal scores keep their order.
    ranked.sort((a, b) => a.score - b.score);
    if (ranked.length === 0) break;
    // A reference alone, after which time was up, shows nothing of the trials that an earlier rung compared.
    if (reference === undefined || reached.length > 1 || furthest.length === 0) furthest = reached;
    standing = ranked.map(({ trial }) => trial);
  }
  return { furthest, last };
}

/** Selects the best trials for a rung. The reference is always among them, and first. */
function onRung(standing: readonly number[], count: number, reference: number | undefined): readonly number[] {
  if (reference === undefined) return standing.slice(0, count);
  return [reference, ...standing.filter((trial) => trial !== reference).slice(0, count - 1)];
}
