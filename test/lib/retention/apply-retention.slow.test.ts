/** Runs of retention that die, or meet another process, at each of their operations. */
import { expect, test } from 'vitest';
import type { ModelRecord } from '../../../lib/contracts/model-record.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { readModel, resolveModel } from '../../../lib/models/registry.ts';
import type { World } from '../../../lib/ports.ts';
import { applyRetention } from '../../../lib/retention/apply-retention.ts';
import { endRetention } from '../../../lib/retention/set-retention.ts';
import { evaluateTwo, expiringVersions, numbersOf, packagesOf, promoteTwo } from '../../support/models/expiring-versions.ts';
import { watchedStore } from '../../support/watched-store.ts';

/** Operations of the store in a run on `fiveVersions`. */
async function operationsOfARun(): Promise<number> {
  const world = await expiringVersions(3);
  let count = 0;
  const store = watchedStore(world.store, async (operation) => {
    count = operation;
  });
  expect(await applyRetention({ ...world, store })).toBe(2);
  return count;
}

test('a run that dies at any operation leaves a model that works, and the next run completes it', async () => {
  const operations = await operationsOfARun();
  expect(operations).toBeGreaterThan(10);
  for (let last = 1; last <= operations; last++) {
    const world = await expiringVersions(3);
    const store = watchedStore(world.store, async (operation) => {
      if (operation >= last) throw new RuntimeError('KILLED', { at: `${operation}` });
    });
    await applyRetention({ ...world, store });
    for (const version of await numbersOf(world)) {
      const { version: found } = await resolveModel(`two@${version}`, world.store);
      expect(await world.store.head(`${found.package}card.json`)).toBeDefined();
    }
    await applyRetention(world);
    expect([await numbersOf(world), await packagesOf(world)]).toEqual([[3], 1]);
    const { expiring, deletedPackages } = await readModel('two', world.store);
    expect({ expiring, deletedPackages }).toEqual({});
  }
});

test.each<[string, (world: World) => Promise<unknown>]>([
  ['an alias that moves to a version', (world) => promoteTwo(world, 2)],
  ['a job that begins to need one', (world) => evaluateTwo(world, 2)],
  ['a setting that ends', (world) => endRetention('two', world)],
  ['another run', (world) => applyRetention(world)],
])('%s at any moment of a run finds the version and keeps it, or finds none', async (what, act) => {
  const operations = await operationsOfARun();
  let [kept, removed] = [0, 0];
  for (let moment = 1; moment <= operations; moment++) {
    const world = await expiringVersions(3);
    let outcome: unknown;
    const store = watchedStore(world.store, async (operation) => {
      if (operation === moment) outcome = await act(world).catch((error: { code: string }) => error.code);
    });
    await applyRetention({ ...world, store });
    const record: ModelRecord = await readModel('two', world.store);
    const stays = record.versions.some(({ version }) => version === 2);
    if (stays) kept++;
    else removed++;
    if (what.startsWith('an alias')) expect(outcome === 'MODEL_VERSION_NOT_FOUND').toBe(!stays);
    const numbers = record.versions.map(({ version }) => version);
    for (const target of Object.values(record.aliases)) expect(numbers).toContain(target);
    // What is in the registry has its files.
    expect(await packagesOf(world)).toBeGreaterThanOrEqual(numbers.length);
    await applyRetention(world);
    if (stays && what.startsWith('a job')) expect(await numbersOf(world)).toContain(2);
  }
  expect(removed).toBeGreaterThan(0);
  if (what !== 'another run') expect(kept).toBeGreaterThan(0);
});
