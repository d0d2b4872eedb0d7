import { expect, test } from 'vitest';
import { listKept, sampleKept } from '../../../lib/models/kept-predictions.ts';
import type { ResolvedModel } from '../../../lib/models/registry.ts';
import { dayOf, keptPrefix } from '../../../lib/store/kept-keys.ts';
import { keepAll, keepPredictions, predictionOf } from '../../support/models/keep-predictions.ts';
import { testWorld } from '../../support/world.ts';

test('a kept prediction that cannot be read does not hide the others', async () => {
  const world = testWorld();
  const keeping = keepAll();
  await keepPredictions(world, [predictionOf('glass', 0.9)], { keeping });
  const prefix = keptPrefix({ model: 'scored', period: keeping.period, version: 1 });
  const now = world.clock.now();
  const unreadable = new TextEncoder().encode('{"label":"glass","confidence":null}');
  await world.store.put(`${prefix}${dayOf(now)}/00000.json`, unreadable);

  const model = { name: 'scored', version: { version: 1 }, keeping } as ResolvedModel;
  const one = [{ prediction: { label: 'glass', confidence: 0.9 } }];
  expect((await listKept(model, now, world.store, { limit: 10 })).entries).toMatchObject(one);
  expect(await sampleKept(model, now, world.store, { days: 1, most: 10 })).toMatchObject(one);
});
