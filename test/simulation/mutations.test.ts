/** The simulation finds errors: each of these is found within 1,000 days. */
import { afterEach, expect, test, vi } from 'vitest';
import { changeJob } from '../../lib/jobs/job-store.ts';
import { leaseRenewed } from '../../lib/jobs/life-cycle.ts';
import type { World } from '../../lib/ports.ts';
import { findFailure } from '../support/simulation/jobs/check-days.ts';
import { useVirtualTimers } from '../support/simulation/virtual-timers.ts';

const mutation = vi.hoisted(() => ({ name: 'none' }));

vi.mock('../../lib/models/publish-package.ts', async (original) => {
  const real = await original<typeof import('../../lib/models/publish-package.ts')>();
  const publishPackage: typeof real.publishPackage = (job, publication, store, beginPublishing) =>
    real.publishPackage(job, publication, store, mutation.name === 'no fencing' ? async (own) => own : beginPublishing);
  return { ...real, publishPackage };
});
vi.mock('../../lib/models/model-package.ts', async (original) => {
  const real = await original<typeof import('../../lib/models/model-package.ts')>();
  const newPackagePrefix: typeof real.newPackagePrefix = (model, attempt) =>
    mutation.name === 'one package for an attempt'
      ? `models/${model}/${attempt.job}-${attempt.attempt}/`
      : real.newPackagePrefix(model, attempt);
  return { ...real, newPackagePrefix };
});
vi.mock('../../lib/jobs/start-once.ts', async (original) => {
  const real = await original<typeof import('../../lib/jobs/start-once.ts')>();
  const startOnce: typeof real.startOnce = async (own, world) => {
    if (mutation.name !== 'one package for an attempt') return real.startOnce(own, world);
    const { after } = await changeJob(own.job, world.store, (job) => leaseRenewed(job, own.attempt, world.clock.now()));
    return after;
  };
  return { ...real, startOnce };
});
vi.mock('../../lib/jobs/attempt-limits.ts', async (original) => {
  const real = await original<typeof import('../../lib/jobs/attempt-limits.ts')>();
  const lossesAfter: typeof real.lossesAfter = (job, code) => {
    const losses = real.lossesAfter(job, code);
    return mutation.name === 'attempts counted twice' && losses > (job.losses ?? 0) ? losses + 1 : losses;
  };
  return { ...real, lossesAfter };
});
vi.mock('../../lib/jobs/abort-grace-period.ts', async (original) => {
  const real = await original<typeof import('../../lib/jobs/abort-grace-period.ts')>();
  const withAbortGracePeriod: typeof real.withAbortGracePeriod = (work, signal) =>
    real.withAbortGracePeriod(work, signal, mutation.name === 'a grace period of a minute' ? 60_000 : undefined);
  return { ...real, withAbortGracePeriod };
});
vi.mock('../../lib/store/parts/completed-parts.ts', async (original) => {
  const real = await original<typeof import('../../lib/store/parts/completed-parts.ts')>();
  const recordPart: typeof real.recordPart = async (attempt, part, parts, store) => {
    const isLast = await real.recordPart(attempt, part, parts, store);
    return mutation.name === 'parts counted by the last number' ? part === parts - 1 : isLast;
  };
  return { ...real, recordPart };
});
vi.mock('../../lib/store/parts/part-calls.ts', async (original) => {
  const real = await original<typeof import('../../lib/store/parts/part-calls.ts')>();
  const beginCall: typeof real.beginCall = async (attempt, part, store, clock) => {
    const begun = await real.beginCall(attempt, part, store, clock);
    if (mutation.name !== 'calls without a claim' || begun.state === 'begun') return begun;
    return { state: 'begun', since: clock.now().toISOString(), seconds: 0 };
  };
  return { ...real, beginCall };
});
vi.mock('../../lib/jobs/extraction/work-on-extraction.ts', async (original) => {
  const real = await original<typeof import('../../lib/jobs/extraction/work-on-extraction.ts')>();
  const workOnExtraction: typeof real.workOnExtraction = (message, work, world, call) => {
    const any = mutation.name === 'parts by any processor' ? { ...work, processor: 'any' } : work;
    return real.workOnExtraction(message, any, world, call);
  };
  return { ...real, workOnExtraction };
});
vi.mock('../../lib/store/parts/part-chains.ts', async (original) => {
  const real = await original<typeof import('../../lib/store/parts/part-chains.ts')>();
  const beginChains: typeof real.beginChains = (keys, plan, ...rest) => {
    const functions = mutation.name === 'all parts sent at once' ? plan.parts : plan.functions;
    return real.beginChains(keys, { ...plan, functions }, ...rest);
  };
  return { ...real, beginChains };
});
vi.mock('../../lib/jobs/time-limit.ts', async (original) => {
  const real = await original<typeof import('../../lib/jobs/time-limit.ts')>();
  // A worker calls the function of its own module, so only dispatch is changed.
  const limitReached: typeof real.limitReached = (job, now) =>
    mutation.name === 'machines that start beyond the limit' ? undefined : real.limitReached(job, now);
  return { ...real, limitReached };
});
vi.mock('../../lib/estimates/limits.ts', async (original) => {
  const real = await original<typeof import('../../lib/estimates/limits.ts')>();
  const runLimit: typeof real.runLimit = (compute, estimate, used = {}) => {
    if (mutation.name === 'starts that cost nothing') return real.runLimit(compute, estimate, { ...used, starts: 0 });
    if (mutation.name === 'a machine that may cost the whole limit')
      return real.runLimit(compute, estimate, { ...used, extractionSeconds: 0 });
    return real.runLimit(compute, estimate, used);
  };
  return { ...real, runLimit };
});
vi.mock('../../lib/jobs/extraction/allowed-seconds.ts', async (original) => {
  const real = await original<typeof import('../../lib/jobs/extraction/allowed-seconds.ts')>();
  const usedSeconds: typeof real.usedSeconds = async (attempt, job, world) => {
    const seconds = await real.usedSeconds(attempt, job, world);
    return mutation.name === 'functions that the machine does not count' && seconds !== undefined ? 0 : seconds;
  };
  const allowedSeconds: typeof real.allowedSeconds = (attempt, job, parts, world) =>
    mutation.name === 'functions that the next attempt does not count'
      ? real.allowedSeconds({ ...attempt, attempt: 1 }, job, parts, withoutCalls(world))
      : real.allowedSeconds(attempt, job, parts, world);
  return { ...real, usedSeconds, allowedSeconds };
});
vi.mock('../../lib/jobs/extraction/extraction-compute.ts', async (original) => {
  const real = await original<typeof import('../../lib/jobs/extraction/extraction-compute.ts')>();
  const openExtractionCompute: typeof real.openExtractionCompute = (world) => {
    const compute = real.openExtractionCompute(world);
    if (mutation.name !== 'lost messages that only an empty queue shows') return compute;
    const state = async () => (((await world.queues.extractions?.size()) ?? 0) > 0 ? 'alive' : 'unknown');
    return { ...compute, state, resend: async () => false };
  };
  return { ...real, openExtractionCompute };
});
useVirtualTimers();

/** A world in which no function has been called. */
function withoutCalls(world: World): World {
  return { ...world, store: { ...world.store, list: async () => ({ objects: [], more: false }) } };
}

afterEach(() => {
  mutation.name = 'none';
});

test('a worker that publishes without the leave of its job is found', { timeout: 600_000 }, async () => {
  mutation.name = 'no fencing';
  await expect(findFailure(1000, 1)).resolves.toMatch(/published version|has a version of/);
});

test('two workers that go on with one attempt, and write one package, are found', { timeout: 600_000 }, async () => {
  mutation.name = 'one package for an attempt';
  await expect(findFailure(1000, 1)).resolves.toMatch(/has version .* with another card/);
});

test('a consumer that removes its message before the work is found', { timeout: 600_000 }, async () => {
  await expect(findFailure(1000, 1, { acknowledges: 'before' })).resolves.toMatch(/was never sent|for ever/);
});

test('a lost attempt that counts twice is found', { timeout: 600_000 }, async () => {
  mutation.name = 'attempts counted twice';
  await expect(findFailure(1000, 1)).resolves.toMatch(/failed after 2 attempts/);
});

test('a worker that goes on for a minute after its limit is found', { timeout: 600_000 }, async () => {
  mutation.name = 'a grace period of a minute';
  // The check of costs may find it first; with this seed, that of the time does.
  await expect(findFailure(1000, 2)).resolves.toMatch(/ ran for .* s of 60/);
});

test('an extraction that ends with its last part, whatever the others do, is found', { timeout: 600_000 }, async () => {
  mutation.name = 'parts counted by the last number';
  await expect(findFailure(1000, 1)).resolves.toMatch(/goes to its training without/);
});

test('an extraction whose parts are of several kinds of processors is found', { timeout: 600_000 }, async () => {
  mutation.name = 'parts by any processor';
  await expect(findFailure(1000, 1)).resolves.toMatch(/goes to its training without .* shards of one kind/);
});

test('calls that compute a part as often as its message comes are found', { timeout: 600_000 }, async () => {
  mutation.name = 'calls without a claim';
  await expect(findFailure(1000, 1)).resolves.toMatch(/was computed 3 times/);
});

test('a division that sends all parts at once is found', { timeout: 600_000 }, async () => {
  mutation.name = 'all parts sent at once';
  await expect(findFailure(1000, 1)).resolves.toMatch(/has [3-5] parts in progress/);
});

test('an extraction that waits for a lost message until the queue is empty is found', { timeout: 600_000 }, async () => {
  mutation.name = 'lost messages that only an empty queue shows';
  await expect(findFailure(1000, 1)).resolves.toMatch(/is STARTING for ever/);
});

const COSTS: readonly (readonly [string, RegExp])[] = [
  ['machines that start beyond the limit', / cost .* dollars of /],
  ['starts that cost nothing', / cost .* dollars of /],
  ['a machine that may cost the whole limit', / cost .* dollars of /],
  ['functions that the machine does not count', / cost .* dollars of /],
  ['functions that the next attempt does not count', / extracted for .* s of /],
];
for (const [name, found] of COSTS)
  test(`a limit of cost with ${name} is found`, { timeout: 600_000 }, async () => {
    mutation.name = name;
    await expect(findFailure(1000, 1)).resolves.toMatch(found);
  });
