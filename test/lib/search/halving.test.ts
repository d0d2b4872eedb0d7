import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halve, rungsFor } from '../../../lib/search/halving.ts';

const trials = fc.integer({ min: 1, max: 200 });

describe('rungsFor', () => {
  it('begins with all trials, keeps a third each time, and ends with at most three that get everything', () => {
    fc.assert(
      fc.property(trials, (count) => {
        const rungs = rungsFor(count);
        expect(rungs[0]?.trials).toBe(count);
        for (const [i, { trials, share }] of rungs.slice(1).entries()) {
          expect(trials).toBe(Math.ceil(rungs[i]!.trials / 3));
          expect(share).toBeCloseTo(rungs[i]!.share * 3, 12);
        }
        expect(rungs.at(-1)!.trials).toBeLessThanOrEqual(3);
        expect(rungs.at(-1)!.share).toBe(1);
      }),
    );
  });

  it('compares at least two at the end where there are two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), (count) => {
        expect(rungsFor(count).at(-1)!.trials).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});

interface Run {
  trial: number;
  rung: number;
  score: number;
}

/** Scores of each trial, the same on every rung unless told otherwise. */
async function search(
  scores: readonly number[],
  { most = Number.POSITIVE_INFINITY, reference }: { most?: number; reference?: number } = {},
) {
  const runs: Run[] = [];
  const found = await halve<Run>(scores.length, {
    async run(trial, rung) {
      const outcome = { trial, rung, score: scores[trial]! };
      runs.push(outcome);
      return outcome;
    },
    score: ({ score }) => score,
    mayContinue: (outcomes) => outcomes.length < most,
    ...(reference !== undefined && { reference }),
  });
  return { ...found, runs };
}

/** The run with the lowest score, the first of equals. */
function lowestOf(runs: readonly Run[]): Run | undefined {
  return runs.toSorted((a, b) => a.score - b.score)[0];
}

const scored = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 60 });

describe('halve', () => {
  it('finds the trial with the lowest score, the first of equals, where scores do not depend on the rung', async () => {
    await fc.assert(
      fc.asyncProperty(scored, async (scores) => {
        const { furthest, runs } = await search(scores);
        const [trial, rung] = [scores.indexOf(Math.min(...scores)), rungsFor(scores.length).length - 1];
        expect(lowestOf(furthest)).toMatchObject({ trial, rung });
        for (const [rung, { trials: count }] of rungsFor(scores.length).entries())
          expect(runs.filter((run) => run.rung === rung)).toHaveLength(count);
      }),
    );
  });

  it('runs those of a rung from the best to the worst', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(scored, async (scores) => {
        const { runs } = await search(scores);
        const later = runs.filter(({ rung }) => rung > 0);
        for (const [i, run] of later.slice(1).entries())
          if (run.rung === later[i]!.rung) {
            expect(run.score).toBeGreaterThanOrEqual(later[i]!.score);
            compared++;
          }
      }),
    );
    expect(compared).toBeGreaterThan(0);
  });

  it('stops where time is up, after one run at the least, with those that came furthest', async () => {
    await fc.assert(
      fc.asyncProperty(scored, fc.integer({ min: 0, max: 80 }), async (scores, most) => {
        const { furthest, runs } = await search(scores, { most });
        const whole = (await search(scores)).runs;
        expect(runs).toEqual(whole.slice(0, Math.max(1, most)));
        expect(furthest).toEqual(runs.filter(({ rung }) => rung === Math.max(...runs.map((run) => run.rung))));
      }),
    );
  });

  it('goes on without trials that failed, and finds nothing where all of them did', async () => {
    const lost = Number.POSITIVE_INFINITY;
    expect(lowestOf((await search([lost, 2, lost, 1, lost])).furthest)?.trial).toBe(3);
    const { furthest, last } = await search([lost, lost]);
    expect(furthest).toEqual([]);
    expect(last.size).toBe(2);
  });

  it('runs the trial that all are compared with first on every rung, instead of the last one', async () => {
    await fc.assert(
      fc.asyncProperty(scored, fc.nat(), async (scores, any) => {
        const reference = any % scores.length;
        const { runs, furthest } = await search(scores, { reference });
        for (const [rung, { trials: count }] of rungsFor(scores.length).entries()) {
          const onRung = runs.filter((run) => run.rung === rung);
          expect(onRung[0]?.trial).toBe(reference);
          expect(new Set(onRung.map(({ trial }) => trial)).size).toBe(count);
          if (rung === rungsFor(scores.length).length - 1) expect(furthest).toEqual(onRung);
        }
      }),
    );
  });

  it('gives the rung before where time is up after the run of the trial that all are compared with', async () => {
    const scores = [3, 1, 2, 4, 5, 6, 7, 8, 9, 10];
    const rungs = async (most: number) => {
      const { furthest, last } = await search(scores, { most, reference: 9 });
      return { furthest: furthest.map(({ trial, rung }) => [trial, rung]), reference: last.get(9)?.rung };
    };
    expect(await rungs(1)).toEqual({ furthest: [[9, 0]], reference: 0 });
    expect((await rungs(10)).furthest).toHaveLength(10);
    expect(await rungs(11)).toEqual({ ...(await rungs(10)), reference: 1 });
    const second = [9, 1, 2, 0].map((trial) => [trial, 1]);
    expect((await rungs(12)).furthest).toEqual(second.slice(0, 2));
    expect(await rungs(15)).toEqual({ furthest: second, reference: 2 });
    expect(await rungs(16)).toEqual({ furthest: [9, 1].map((trial) => [trial, 2]), reference: 2 });
  });
});
