import { describe, expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { Keeping } from '../../../lib/contracts/keeping.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { rollBack, setAlias } from '../../../lib/models/aliases.ts';
import { deleteVersion } from '../../../lib/models/delete-model.ts';
import { endKeeping, setKeeping } from '../../../lib/models/keeping.ts';
import { writePackage } from '../../../lib/models/model-package.ts';
import { changeModel, publishVersion, readModel, resolveModel } from '../../../lib/models/registry.ts';
import type { World } from '../../../lib/ports.ts';
import { applyRetention } from '../../../lib/retention/apply-retention.ts';
import { endRetention, readRetention, setRetention } from '../../../lib/retention/set-retention.ts';
import { publishConstant } from '../../support/api.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { packagedResult } from '../../support/job-result.ts';
import { evaluateTwo, expiringVersions, numbersOf, packagesOf, promoteTwo } from '../../support/models/expiring-versions.ts';
import { keepPredictions, predictionOf } from '../../support/models/keep-predictions.ts';
import { cardFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';
import { watchedStore } from '../../support/watched-store.ts';

const DAY = 86_400;

/** The spec of a training whose backbone is a version of `two`. */
function onVersion(version: number): JobSpec {
  const own = { sha256: '0'.repeat(64), version: { ref: `two@${version}` } };
  return JobSpec.parse({ name: 'child', dataset: 'two', backbone: { name: 'own', inputSize: [8, 8], own } });
}

describe('a run of retention', () => {
  test('removes versions that are neither new nor young, with their files, and remembers them', async () => {
    const world = await expiringVersions(5);
    await setRetention('two', { newest: 2, days: 3 }, world);
    await world.clock.advance(3 * DAY - 1);
    expect(await applyRetention(world)).toBe(0);
    await world.clock.advance(1);
    expect(await applyRetention(world)).toBe(3);
    expect([await numbersOf(world), await packagesOf(world)]).toEqual([[4, 5], 2]);
    const at = world.clock.now().toISOString();
    const removed = [1, 2, 3].map((version) => ({ version, at }));
    expect(await readRetention('two', world)).toMatchObject({ expired: [], inUse: [], removed });
    await expect(resolveModel('two@2', world.store)).rejects.toMatchObject({
      code: 'MODEL_VERSION_NOT_FOUND',
      received: `two@2, which retention removed at ${at}`,
    });
    expect(await publishConstant(world.store, 'two', 6)).toBe(6);
  });

  test('leaves models without a setting, and one whose setting it cannot read', async () => {
    const world = await expiringVersions(5);
    await publishConstant(world.store, 'other', 1);
    await publishConstant(world.store, 'other', 2);
    await changeModel('two', world.store, (record) => ({ ...record, retention: { newest: 'some' } }));
    expect(await applyRetention(world)).toBe(0);
    await setRetention('two', { newest: 1, days: 0 }, world);
    await endRetention('two', world);
    expect(await applyRetention(world)).toBe(0);
    expect([await numbersOf(world), await numbersOf(world, 'other')]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2],
    ]);
  });

  test('leaves versions of an alias, those that its rollbacks restore, and those of unfinished jobs', async () => {
    const world = await expiringVersions(5);
    for (const version of [1, 2]) await promoteTwo(world, version);
    const { id } = await evaluateTwo(world, 3);
    expect(await readRetention('two', world)).toMatchObject({
      expired: [4],
      inUse: [
        { version: 1, uses: [{ kind: 'rollback', by: 'prod' }] },
        { version: 2, uses: [{ kind: 'alias', by: 'prod' }] },
        { version: 3, uses: [{ kind: 'job', by: id }] },
      ],
    });
    expect(await applyRetention(world)).toBe(1);
    expect(await numbersOf(world)).toEqual([1, 2, 3, 5]);
    expect(await rollBack({ name: 'two', alias: 'prod', at: world.clock.now() }, world.store)).toMatchObject({ version: 1 });
    // The rollback has left version 2 behind.
    expect(await applyRetention(world)).toBe(1);
    expect(await numbersOf(world)).toEqual([1, 3, 5]);
  });

  test('removes versions that only latest has left, and latest goes back to one of the others', async () => {
    const world = await expiringVersions(4);
    const latest = { name: 'two', alias: 'latest', at: world.clock.now() };
    await setAlias({ ...latest, version: 2 }, world.store);
    await publishConstant(world.store, 'two', 5);
    await setRetention('two', { newest: 2, days: 0 }, world);
    expect(await readRetention('two', world)).toMatchObject({ expired: [1, 2, 3], inUse: [] });
    expect(await applyRetention(world)).toBe(3);
    expect(await rollBack(latest, world.store)).toMatchObject({ version: 4, previous: [] });
    await expect(rollBack(latest, world.store)).rejects.toMatchObject({ code: 'ALIAS_HAS_NO_PREVIOUS_VERSION' });
  });

  test('leaves the backbone of another version, and of an unfinished training', async () => {
    const world = await expiringVersions(5);
    const scores = drawScores({ classes: 2, count: 20, seed: 1 });
    const card = { ...cardFor(scores, ['no', 'yes']), model: 'child', spec: onVersion(1) };
    const { job, createdAt } = card;
    const written = await writePackage({ card, onnx: new Uint8Array(1), history: [], result: packagedResult }, 1, world.store);
    await publishVersion('child', { job, ...written, createdAt, backbone: 'own', dataset: 'two' }, world.store);
    const { id } = await submitJob(onVersion(2), world);
    expect(await readRetention('two', world)).toMatchObject({
      expired: [3, 4],
      inUse: [
        { version: 1, uses: [{ kind: 'backbone', by: 'child@1' }] },
        { version: 2, uses: [{ kind: 'job', by: id }] },
      ],
    });
    expect(await applyRetention(world)).toBe(2);
    await deleteVersion('child', 1, world.store);
    expect(await applyRetention(world)).toBe(1);
    expect(await numbersOf(world)).toEqual([2, 5]);
  });

  test('leaves a version that was only the latest, until the days of its kept predictions are over', async () => {
    const world = await expiringVersions(1);
    await setKeeping('two', Keeping.parse({ share: 1, images: true, days: 90 }), world);
    await keepPredictions(world, [predictionOf('yes', 0.9)], { model: 'two' });
    for (const number of [2, 3]) await publishConstant(world.store, 'two', number);
    const inUse = [{ version: 1, uses: [{ kind: 'predictions', by: '2030-01-01' }] }];
    expect(await readRetention('two', world)).toMatchObject({ expired: [2], inUse });
    await world.clock.advance(89 * DAY);
    expect(await readRetention('two', world, { newest: 1, days: 30 })).toMatchObject({ inUse });
    expect(await applyRetention(world)).toBe(1);
    expect(await collectGarbage(world)).toMatchObject({ keptPredictions: 0, keptImages: 0 });
    expect(await numbersOf(world)).toEqual([1, 3]);
    await world.clock.advance(DAY);
    expect(await applyRetention(world)).toBe(1);
  });

  test('removes a version whose kept predictions were turned off', async () => {
    const world = await expiringVersions(2);
    await setKeeping('two', Keeping.parse({ share: 1 }), world);
    await keepPredictions(world, [predictionOf('yes', 0.9)], { model: 'two' });
    await endKeeping('two', world);
    await setKeeping('two', Keeping.parse({ share: 1 }), world);
    expect(await applyRetention(world)).toBe(1);
  });

  test('a setting whose description fails is not stored', async () => {
    const world = await expiringVersions(3);
    await endRetention('two', world);
    const scores = drawScores({ classes: 2, count: 20, seed: 1 });
    const card = { ...cardFor(scores, ['no', 'yes']), model: 'child', spec: onVersion(1) };
    const { job, createdAt } = card;
    const written = await writePackage({ card, onnx: new Uint8Array(1), history: [], result: packagedResult }, 1, world.store);
    await publishVersion('child', { job, ...written, createdAt, backbone: 'own', dataset: 'two' }, world.store);
    const key = `${written.package}card.json`;
    const intact = (await world.store.get(key))?.body ?? new Uint8Array();
    await world.store.put(key, new TextEncoder().encode('{"half of a'));
    const setting = { newest: 1, days: 0 };
    await expect(setRetention('two', setting, world)).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE', at: key });
    await world.store.put(key, intact);
    expect((await readRetention('two', world)).retention).toBeNull();
    expect(await applyRetention(world)).toBe(0);
    expect(await setRetention('two', setting, world)).toMatchObject({ retention: setting, expired: [2] });
    expect(await applyRetention(world)).toBe(1);
  });

  test('a preview changes nothing', async () => {
    const world = await expiringVersions(5);
    await endRetention('two', world);
    const preview = await readRetention('two', world, { newest: 3, days: 0 });
    expect(preview).toMatchObject({ retention: { newest: 3, days: 0 }, expired: [1, 2] });
    expect(await readRetention('two', world, { newest: 3 })).toMatchObject({ retention: { newest: 3, days: 30 }, expired: [] });
    expect((await readRetention('two', world)).retention).toBeNull();
    expect(await applyRetention(world)).toBe(0);
  });
});

test.each([
  ['an evaluation', (world: World) => evaluateTwo(world, 2)],
  ['a training on its graph', (world: World) => submitJob(onVersion(2), world)],
])('%s that is written after the run has read the jobs keeps its version', async (_, submit) => {
  const world = await expiringVersions(5);
  let hasReadJobs = false;
  const store = watchedStore(world.store, async (_operation, name, [prefix]) => {
    if (hasReadJobs && (await world.store.list('active/')).objects.length === 0) await submit(world);
    hasReadJobs ||= name === 'list' && prefix === 'active/';
  });
  await applyRetention({ ...world, store });
  expect(await numbersOf(world)).toEqual([2, 5]);
});

test.each<[string, (world: World) => Promise<unknown>, { removed: number; left: number[] }]>([
  ['a change of another setting', (world) => setKeeping('two', Keeping.parse({ share: 1 }), world), { removed: 4, left: [5] }],
  ['an alias of version 2', (world) => promoteTwo(world, 2), { removed: 3, left: [2, 5] }],
  ['a job that needs version 3', (world) => evaluateTwo(world, 3), { removed: 3, left: [3, 5] }],
  ['the deletion of version 1', ({ store }) => deleteVersion('two', 1, store), { removed: 3, left: [5] }],
  ['another run', (world) => applyRetention(world), { removed: 0, left: [5] }],
  ['the end of its setting', (world) => endRetention('two', world), { removed: 0, left: [1, 2, 3, 4, 5] }],
])('a run decides again if %s is faster than its removal, and counts only what it removes', async (_, meanwhile, expected) => {
  const world = await expiringVersions(5);
  const store = contendedStore(world.store, async () => {
    const { expiring } = await readModel('two', world.store);
    if (expiring !== undefined) await meanwhile(world);
  });
  const removed = await applyRetention({ ...world, store });
  const left = await numbersOf(world);
  expect({ removed, left }).toEqual(expected);
  expect(await packagesOf(world)).toBe(left.length);
  expect(world.events).not.toContain('retention.failed');
});

test('a version that was deleted is not published again by a late attempt', async () => {
  const world = await expiringVersions(5);
  const { versions } = await readModel('two', world.store);
  const [{ version: _, ...first } = { version: 0 }] = versions;
  const store = watchedStore(world.store, async () => {
    const { deletedPackages } = await readModel('two', world.store);
    if (deletedPackages !== undefined)
      await expect(publishVersion('two', first as never, world.store)).rejects.toMatchObject({ code: 'MODEL_PACKAGE_MISSING' });
  });
  expect.hasAssertions();
  await applyRetention({ ...world, store });
});
