import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { isEveryPartComplete, isPartComplete, recordPart } from '../../../../lib/store/parts/completed-parts.ts';
import { partKeys } from '../../../../lib/store/parts/part-keys.ts';
import { Scheduler } from '../../../support/simulation/scheduler.ts';
import { type Objects, simulatedStore } from '../../../support/simulation/simulated-store.ts';
import { testWorld } from '../../../support/world.ts';

const own = partKeys('extractions/job-zzk2m4q1x-8w3f0c9d1a/1/');

test.each([1, 2, 3, 5, 8, 391])('of %i parts in any order, the last one finds that all are complete', async (parts) => {
  const { store } = testWorld();
  const order = Array.from({ length: parts }, (_, part) => (part * 7) % parts);
  const all = parts % 7 === 0 ? order.keys() : order;
  const found: boolean[] = [];
  for (const part of all) {
    expect(await isEveryPartComplete(own, parts, store)).toBe(false);
    found.push(await recordPart(own, part, parts, store));
  }
  expect(await isEveryPartComplete(own, parts, store)).toBe(true);
  expect(found).toEqual([...Array(parts - 1).fill(false), true]);
  expect(await isPartComplete(own, 0, store)).toBe(true);
  expect(await recordPart(own, 0, parts, store), 'also when it is repeated').toBe(true);
});

test('of parts that complete at once, while some die between any two requests and are repeated, one finds it, and none too early', async () => {
  const property = fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.nat(), async (parts, seed) => {
    const scheduler = new Scheduler(seed);
    const objects: Objects = new Map();
    const clock = { now: () => new Date(scheduler.now) };
    /** Number of completed parts whenever a call found that all are complete. */
    const found: number[] = [];
    const start = (part: number) => {
      const actor = { name: `part ${part}`, alive: true, weight: 1 };
      const store: ObjectStore = simulatedStore(objects, scheduler, actor, { clock, onChange: () => {} });
      void recordPart(own, part, parts, store).then((isLast) => {
        if (isLast)
          found.push(Array.from({ length: parts }, (_, other) => objects.has(own.done(0, other))).filter(Boolean).length);
      });
      return actor;
    };
    const run = async () => {
      while (await scheduler.step()) {}
      await scheduler.advance(60_000);
      while (await scheduler.step()) {}
    };
    const actors = [];
    for (let part = 0; part < parts; part++) {
      actors.push(start(part));
      await scheduler.step();
    }
    for (const [part, actor] of actors.entries()) if (part % 3 === seed % 3) scheduler.kill(actor);
    await run();
    for (const [part, actor] of actors.entries()) if (!actor.alive || part % 3 === seed % 3) start(part);
    await run();
    expect(new Set(found)).toEqual(new Set([parts]));
  });
  await fc.assert(property, { numRuns: 200, seed: Number(process.env.GRAFT_SEED ?? 1) });
});
