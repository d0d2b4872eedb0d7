import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnyJob } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import {
  alive,
  cancelled,
  claimed,
  failed,
  hasEnded,
  INVOCATION_OVER,
  isAbandoned,
  lost,
  MAX_ATTEMPTS,
  MAX_HAND_OVERS,
  started,
  submitted,
  succeeded,
} from '../../../lib/jobs/job-life.ts';
import { newId } from '../../../lib/new-id.ts';
import { jobResult as result } from '../../support/job-result.ts';

const now = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-01T01:00:00Z');
const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
const fresh = submitted(newId('job', now), { spec }, now);
const error = { code: 'X', message: 'x' };

/** What may happen to a job; each gives the next record, or leaves it. */
const steps: Record<string, (job: AnyJob, attempt: number) => AnyJob | undefined> = {
  claim: (job) => claimed(job, now),
  start: (job, attempt) => started(job, attempt, 'handle', now),
  alive: (job, attempt) => alive(job, attempt, now),
  succeed: (job, attempt) => succeeded(job, attempt, result, now),
  fail: (job, attempt) => failed(job, attempt, error, false, now),
  failRetryably: (job, attempt) => failed(job, attempt, error, true, now),
  lose: (job, attempt) => lost(job, attempt, error, now),
  cancel: (job) => cancelled(job, now),
};

/** As changeJob() takes a step: a refusal leaves the record as it is. */
function apply(job: AnyJob, step: string, attempt: number): AnyJob {
  try {
    return steps[step]?.(job, attempt) ?? job;
  } catch {
    return job;
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
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (events) => {
        let job = fresh;
        for (const [step, attempt] of events) {
          const next = apply(job, step, attempt);
          if (hasEnded(job)) expect(next).toEqual(job);
          job = next;
        }
      }),
    );
  });

  test('the attempt only grows, and never beyond the most attempts', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (events) => {
        let job = fresh;
        for (const [step, attempt] of events) {
          const next = apply(job, step, attempt);
          expect(next.attempt).toBeGreaterThanOrEqual(job.attempt);
          expect(next.attempt).toBeLessThanOrEqual(MAX_ATTEMPTS);
          job = next;
        }
      }),
    );
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

  test('handing it on when a function has no more time is no loss, and has an end', () => {
    const over = { code: INVOCATION_OVER, message: 'x' };
    let job = fresh;
    for (let attempt = 1; attempt <= MAX_HAND_OVERS; attempt++) {
      job = failed(apply(job, 'claim', attempt), attempt, over, true, now);
      expect(job).toMatchObject({ state: 'SUBMITTED', attempt });
    }
    const another = apply(job, 'claim', MAX_HAND_OVERS + 1);
    const tooLong = failed(another, another.attempt, over, true, now);
    expect(tooLong).toMatchObject({ state: 'FAILED', error: { code: 'INVOCATIONS_EXHAUSTED' } });
    // What is lost in between is counted by itself.
    let losing: AnyJob = another;
    for (let loss = 1; loss <= MAX_ATTEMPTS; loss++) {
      losing = lost(losing, losing.attempt, error, now);
      expect(losing.state).toBe(loss < MAX_ATTEMPTS ? 'SUBMITTED' : 'FAILED');
      losing = apply(losing, 'claim', losing.attempt + 1);
    }
    expect(losing.error?.code).toBe('ATTEMPTS_EXHAUSTED');
  });

  test('is abandoned when its lease has run out, and not while it waits in the queue', () => {
    const running = alive(claimed(fresh, now) ?? fresh, 1, now);
    expect(isAbandoned(running, now)).toBe(false);
    expect(isAbandoned(running, later)).toBe(true);
    expect(isAbandoned(fresh, later)).toBe(false);
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
