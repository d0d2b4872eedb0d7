import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasEnded } from '../../../lib/contracts/has-ended.ts';
import { AnyJob } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import type { Publication } from '../../../lib/contracts/model-version.ts';
import { ConflictError } from '../../../lib/errors.ts';
import {
  FEATURES_EXTRACTED,
  INVOCATION_OVER,
  MAX_ATTEMPTS,
  MAX_HAND_OVERS,
  MAX_TOTAL_ATTEMPTS,
  MAX_UNSTARTED,
  WORKER_STOPPED,
} from '../../../lib/jobs/attempt-limits.ts';
import {
  attemptLost,
  cancelled,
  claimed,
  dispatchFailed,
  extracted,
  failed,
  isAbandoned,
  leaseRenewed,
  publishing,
  started,
  submitted,
  succeeded,
  unstarted,
} from '../../../lib/jobs/life-cycle.ts';
import { newId } from '../../../lib/store/new-id.ts';
import { jobResult as result } from '../../support/job-result.ts';

const now = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-01T01:00:00Z');
const earlier = new Date('2025-12-31T23:00:00Z');
const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
const fresh = submitted(newId('job', now), { spec }, now);
const error = { code: 'X', message: 'x' };
const stopped = { code: WORKER_STOPPED, message: 'x' };
const publication: Publication = { package: 'models/trash/x/', createdAt: now.toISOString(), backbone: 'b', dataset: 'd' };

/** What may happen to a job; each gives the next record, or leaves it. */
const steps: Record<string, (job: AnyJob, attempt: number) => AnyJob | undefined> = {
  claim: (job) => claimed(job, now),
  start: (job, attempt) => started(job, attempt, 'handle', now),
  alive: (job, attempt) => leaseRenewed(job, attempt, now),
  succeed: (job, attempt) => succeeded(job, attempt, result, now),
  fail: (job, attempt) => failed(job, attempt, error, now),
  lose: (job, attempt) => attemptLost(job, attempt, error, now),
  keep: (job, attempt) => leaseRenewed(job, attempt, now, { kept: 1 }),
  stop: (job, attempt) => attemptLost(job, attempt, stopped, now),
  wait: (job, attempt) => unstarted(job, attempt, error, now),
  publish: (job, attempt) => publishing(job, attempt, publication, now),
  cancel: (job) => cancelled(job, now),
};

const REFUSALS = ['ATTEMPT_REPLACED', 'JOB_PUBLISHING'];

/** As changeJob() takes a step: a refusal leaves the record as it is. Any other error is a fault. */
function apply(job: AnyJob, step: string, attempt: number): AnyJob {
  try {
    return steps[step]?.(job, attempt) ?? job;
  } catch (thrown) {
    if (thrown instanceof ConflictError && REFUSALS.includes(thrown.code)) return job;
    throw thrown;
  }
}

const anyStep = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.integer({ min: 0, max: MAX_ATTEMPTS + 1 }));

describe('the life of a job', () => {
  test('goes from submitted to succeeded by one attempt', () => {
    const job = ['claim', 'start', 'alive', 'succeed'].reduce((current, step) => apply(current, step, 1), fresh);
    expect(job).toMatchObject({ state: 'SUCCEEDED', attempt: 1, result });
    expect(job.leaseUntil).toBeUndefined();
  });

  test('once ended it never changes again, whatever comes', () => {
    let stepsAfterEnd = 0;
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (events) => {
        let job = fresh;
        for (const [step, attempt] of events) {
          const next = apply(job, step, attempt);
          if (hasEnded(job)) {
            expect(next).toEqual(job);
            stepsAfterEnd++;
          }
          job = next;
        }
      }),
    );
    expect(stepsAfterEnd).toBeGreaterThan(0);
  });

  test('the number of the attempt only grows', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (events) => {
        let job = fresh;
        for (const [step, attempt] of events) {
          const next = apply(job, step, attempt);
          expect(next.attempt).toBeGreaterThanOrEqual(job.attempt);
          job = next;
        }
      }),
    );
  });

  const endings: Record<string, string[]> = {
    lost: ['alive', 'lose'],
    lostBeforeItStarted: ['lose'],
    keptSomething: ['alive', 'keep', 'lose'],
    stopped: ['alive', 'stop'],
    neverStarted: ['wait'],
  };

  /** The job after attempts that ended so. */
  function jobAfter(names: readonly string[]): AnyJob {
    return names.reduce((job, name) => {
      const attempt = job.attempt + 1;
      return ['claim', ...(endings[name] ?? [])].reduce((current, step) => apply(current, step, attempt), job);
    }, fresh);
  }

  test.each([
    ['lost', MAX_ATTEMPTS],
    ['lostBeforeItStarted', MAX_ATTEMPTS],
    ['neverStarted', MAX_UNSTARTED],
    ['keptSomething', MAX_TOTAL_ATTEMPTS],
    ['stopped', MAX_TOTAL_ATTEMPTS],
  ])('attempts that all end as "%s" are followed by others until there were %i', (name, most) => {
    expect(jobAfter(Array(most - 1).fill(name))).toMatchObject({ state: 'SUBMITTED', attempt: most - 1 });
    expect(jobAfter(Array(most).fill(name))).toMatchObject({ state: 'FAILED', error: { code: 'ATTEMPTS_EXHAUSTED' } });
  });

  test('an attempt that kept something new is no loss, also between others; one that only repeats what there was is one', () => {
    const losses = ['lost', 'keptSomething', 'stopped', 'neverStarted', 'lost', 'keptSomething'];
    expect(jobAfter(losses)).toMatchObject({ state: 'SUBMITTED', losses: 2, kept: 2 });
    expect(jobAfter([...losses, 'lost'])).toMatchObject({ state: 'FAILED', error: { code: 'ATTEMPTS_EXHAUSTED' } });
  });

  test('however its attempts end, a job ends', () => {
    const outcomes = fc.array(fc.constantFrom(...Object.keys(endings)), {
      minLength: MAX_TOTAL_ATTEMPTS,
      maxLength: MAX_TOTAL_ATTEMPTS + 5,
    });
    fc.assert(
      fc.property(outcomes, (names) => {
        const job = jobAfter(names);
        expect(job.state).toBe('FAILED');
        expect(job.attempt).toBeLessThanOrEqual(MAX_TOTAL_ATTEMPTS);
      }),
      { numRuns: 20 },
    );
  });

  test('what is said of exhausted attempts tells how to go on, and never that another attempt follows', () => {
    for (const name of Object.keys(endings)) {
      const { error: told } = jobAfter(Array(MAX_TOTAL_ATTEMPTS).fill(name));
      expect(told?.fix, name).toContain(`graft retry ${fresh.id}`);
      expect(told?.fix, name).not.toMatch(/nothing|another attempt/);
    }
    const full = { code: 'STORE_FULL', message: 'x', fix: 'free some disk space' };
    const failing = { ...(claimed(fresh, now) ?? fresh), losses: MAX_ATTEMPTS - 1 };
    expect(attemptLost(failing, 1, full, now).error?.fix).toBe(`free some disk space; then try again: graft retry ${fresh.id}`);
  });

  test('a job that publishes can no longer be cancelled, by whichever attempt it goes on', () => {
    const job = ['claim', 'alive', 'publish'].reduce((current, step) => apply(current, step, 1), fresh);
    const codes = { code: 'JOB_PUBLISHING' };
    expect(() => cancelled(job, now)).toThrow(expect.objectContaining(codes));
    const next = ['lose', 'claim'].reduce((current, step) => apply(current, step, 1), job);
    expect(next).toMatchObject({ attempt: 2, publishing: publication });
    expect(() => cancelled(next, now)).toThrow(expect.objectContaining(codes));
    // What the first attempt has recorded stays.
    const again = publishing(next, 2, { ...publication, package: 'models/trash/y/' }, now);
    expect(again).toMatchObject({ publishing: publication });
    expect(succeeded(again, 2, result, now)).not.toHaveProperty('publishing');
  });

  test.each([
    ['was replaced', ['claim', 'lose', 'claim']],
    ['has lost its job', ['claim', 'lose']],
    ['is of a cancelled job', ['claim', 'alive', 'cancel']],
    ['is of a failed job', ['claim', 'alive', 'fail']],
  ])('an attempt that %s cannot begin to publish', (_, before) => {
    const job = before.reduce((current, step) => apply(current, step, 1), fresh);
    expect(() => publishing(job, 1, publication, now)).toThrow(expect.objectContaining({ code: 'ATTEMPT_REPLACED' }));
  });

  test.each(['alive', 'succeed', 'fail', 'lose'])('an attempt that was replaced may not %s', (step) => {
    const replaced = ['claim', 'lose', 'claim'].reduce((job, next) => apply(job, next, 1), fresh);
    expect(replaced.attempt).toBe(2);
    expect(() => steps[step]?.(replaced, 1)).toThrow('ATTEMPT_REPLACED'.toLowerCase().replaceAll('_', ' ').replace('a', 'A'));
  });

  test('only one of two dispatchers gets the job', () => {
    const taken = claimed(fresh, now);
    expect(taken?.attempt).toBe(1);
    expect(taken && claimed(taken, now)).toBeUndefined();
  });

  test('after the last lost attempt it fails with the last reason', () => {
    let job = fresh;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) job = apply(apply(job, 'claim', attempt), 'lose', attempt);
    expect(job).toMatchObject({ state: 'FAILED', error: { code: 'ATTEMPTS_EXHAUSTED' } });
    expect(job.error?.message).toContain('x');
  });

  test('a job that has recorded its version does not fail for lost attempts, or because its messages are dead', () => {
    let job = ['claim', 'alive', 'publish', 'lose'].reduce((current, step) => apply(current, step, 1), fresh);
    for (let attempt = 2; attempt <= MAX_ATTEMPTS + 2; attempt++) job = apply(apply(job, 'claim', attempt), 'lose', attempt);
    expect(job).toMatchObject({ state: 'SUBMITTED', attempt: MAX_ATTEMPTS + 2, publishing: publication });
    expect(dispatchFailed(job, job.attempt, error, now)).toBeUndefined();
  });

  test('handing it on when a function has no more time is no loss, and has an end', () => {
    const over = { code: INVOCATION_OVER, message: 'x' };
    let job = fresh;
    for (let attempt = 1; attempt <= MAX_HAND_OVERS; attempt++) {
      job = attemptLost(apply(job, 'claim', attempt), attempt, over, now);
      expect(job).toMatchObject({ state: 'SUBMITTED', attempt });
    }
    const another = apply(job, 'claim', MAX_HAND_OVERS + 1);
    const tooLong = attemptLost(another, another.attempt, over, now);
    expect(tooLong).toMatchObject({ state: 'FAILED', error: { code: 'INVOCATIONS_EXHAUSTED' } });
    // What is lost in between is counted by itself.
    let losing: AnyJob = another;
    for (let loss = 1; loss <= MAX_ATTEMPTS; loss++) {
      losing = attemptLost(losing, losing.attempt, error, now);
      expect(losing.state).toBe(loss < MAX_ATTEMPTS ? 'SUBMITTED' : 'FAILED');
      losing = apply(losing, 'claim', losing.attempt + 1);
    }
    expect(losing.error?.code).toBe('ATTEMPTS_EXHAUSTED');
  });

  test('is abandoned when its lease has run out, and not while it waits in the queue', () => {
    const running = leaseRenewed(claimed(fresh, now) ?? fresh, 1, now);
    expect(isAbandoned(running, now)).toBe(false);
    expect(isAbandoned(running, later)).toBe(true);
    expect(isAbandoned(fresh, later)).toBe(false);
    expect(isAbandoned(running, earlier), 'the clock was set back').toBe(true);
  });

  test('every record it makes is a valid record', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 20 }), (events) => {
        const steady = events.filter(([step]) => step !== 'succeed');
        const job = steady.reduce((current, [step, attempt]) => apply(current, step, attempt), fresh);
        expect(AnyJob.safeParse(job).success).toBe(true);
      }),
    );
  });
});

test('an attempt in which functions extracted all features is followed by one that trains; it is told once', () => {
  const first = claimed(fresh, now) ?? expect.fail();
  const done = extracted(first, 1, later) ?? expect.fail();
  expect(done).toMatchObject({ state: 'SUBMITTED', attempt: 1, history: [{}, {}, { attempt: 1, code: FEATURES_EXTRACTED }] });
  expect(done).not.toHaveProperty('leaseUntil');
  expect(done).not.toHaveProperty('error');
  expect(AnyJob.parse(done)).toEqual(done);
  for (const other of [done, claimed(done, later) ?? expect.fail(), cancelled(first, later) ?? expect.fail()])
    expect(extracted(other, 1, later)).toBeUndefined();
  expect(claimed(done, later)).toMatchObject({ state: 'STARTING', attempt: 2 });
});
