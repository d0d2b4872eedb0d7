import { describe, expect, test } from 'vitest';
import { expiredPredictions } from '../../../lib/collection/collect-kept.ts';
import { Keeping } from '../../../lib/contracts/keeping.ts';
import { deleteModel, deleteVersion } from '../../../lib/models/delete-model.ts';
import { endKeeping, setKeeping } from '../../../lib/models/keeping.ts';
import { changeModel } from '../../../lib/models/registry.ts';
import { publishConstant } from '../../support/api.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { keepPredictions, predictionOf } from '../../support/models/keep-predictions.ts';
import { testWorld } from '../../support/world.ts';

const DAY = 86_400;
const keeping = Keeping.parse({ share: 1, perDay: 10_000, images: true, days: 3 });

/** Two versions of a model, each with two kept predictions and their images. */
async function twoVersions() {
  const world = testWorld();
  for (const number of [1, 2]) await publishConstant(world.store, 'scored', number);
  await setKeeping('scored', keeping, world);
  for (const version of [1, 2]) {
    const two = [predictionOf('yes', 0.9), predictionOf('no', 0.8)];
    await keepPredictions(world, two, { version });
  }
  return world;
}

async function left({ store }: ReturnType<typeof testWorld>) {
  const count = async (prefix: string) => (await store.list(prefix)).objects.length;
  return [await count('kept-predictions/'), await count('kept-images/')];
}

describe('the garbage collector', () => {
  test('removes kept predictions and images when their days have passed, and not before', async () => {
    const world = await twoVersions();
    await world.clock.advance(2 * DAY);
    expect(await collectGarbage(world)).toMatchObject({ keptPredictions: 0, keptImages: 0 });
    await world.clock.advance(DAY);
    expect(await collectGarbage(world)).toMatchObject({ keptPredictions: 4, keptImages: 4 });
    expect(await left(world)).toEqual([0, 0]);
  });

  test('removes those of a version and of a model that were deleted', async () => {
    const world = await twoVersions();
    await deleteVersion('scored', 1, world.store);
    expect(await collectGarbage(world)).toMatchObject({ keptPredictions: 2, keptImages: 2 });
    await deleteModel('scored', world.store);
    expect(await collectGarbage(world)).toMatchObject({ keptPredictions: 2, keptImages: 2 });
  });

  test('removes all when keeping ends, by the message that this sends, also if it began again meanwhile', async () => {
    const world = await twoVersions();
    await world.clock.advance(60);
    await endKeeping('scored', world);
    await world.clock.advance(60);
    await setKeeping('scored', keeping, world);
    await keepPredictions(world, [predictionOf('yes', 0.7)]);
    const deliveries = await world.queues.imports.receive({ max: 10, visibilitySeconds: 600 });
    expect(deliveries.map(({ message }) => message)).toEqual([{ type: 'collect' }]);
    expect(await collectGarbage(world)).toMatchObject({ keptPredictions: 4, keptImages: 4 });
    expect(await left(world)).toEqual([1, 1]);
  });

  test('leaves what a model keeps since it keeps again, or of a new version, also while a collection runs', async () => {
    const world = await twoVersions();
    await endKeeping('scored', world);
    const isExpired = expiredPredictions(world);
    const expired = async () => {
      const { objects } = await world.store.list('kept-images/');
      return (await Promise.all(objects.map(isExpired))).filter(Boolean).length;
    };
    expect(await expired()).toBe(4);
    await world.clock.advance(60);
    await setKeeping('scored', keeping, world);
    await keepPredictions(world, [predictionOf('yes', 0.7)], { version: 2 });
    expect(await expired()).toBe(4);
    await publishConstant(world.store, 'scored', 3);
    await keepPredictions(world, [predictionOf('yes', 0.7)], { version: 3 });
    expect(await expired()).toBe(4);
  });

  test('leaves those of a setting that it cannot read', async () => {
    const world = await twoVersions();
    await changeModel('scored', world.store, (record) => ({ ...record, keeping: { for: 'ever' } }));
    expect(await collectGarbage(world)).toMatchObject({ keptPredictions: 0, keptImages: 0 });
    expect(world.events).toContain('collection.unreadable');
  });
});
