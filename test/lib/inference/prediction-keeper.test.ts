import { describe, expect, test } from 'vitest';
import { KeptPrediction } from '../../../lib/contracts/keeping.ts';
import { openPredictionKeeper } from '../../../lib/inference/prediction-keeper.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { keepAll, keepPredictions, predictionOf } from '../../support/models/keep-predictions.ts';
import { testWorld } from '../../support/world.ts';

const many = (count: number) => Array.from({ length: count }, () => predictionOf('rose', 0.9, 0.5));

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await store.list(prefix)).objects.map(({ key }) => key);
}

async function readKept(store: ObjectStore): Promise<KeptPrediction[]> {
  const objects = await Promise.all((await keysOf(store, 'kept-predictions/')).map((key) => store.get(key)));
  return objects.map((object) => KeptPrediction.parse(JSON.parse(new TextDecoder().decode(object?.body))));
}

describe('a keeper of predictions', () => {
  test('writes label, confidence, novelty and time, and neither the name of the image nor its bytes', async () => {
    const world = testWorld();
    await keepPredictions(world, many(1));
    expect(await readKept(world.store)).toEqual([
      { at: '2030-01-01T00:00:00.000Z', label: 'rose', confidence: 0.9, known: true, unknownScore: 0.5 },
    ]);
    const [key] = await keysOf(world.store, 'kept-predictions/');
    expect(key).toMatch(/^kept-predictions\/scored\/now\/1\/2030-01-01\/\d{5}\.json$/);
    expect(await keysOf(world.store, 'kept-images/')).toEqual([]);
  });

  test('writes the image below a prefix of its own if the model asks for it', async () => {
    const world = testWorld();
    await keepPredictions(world, many(1), { keeping: keepAll({ images: true }), bytes: () => Uint8Array.from([1, 2, 3]) });
    expect(await readKept(world.store)).toMatchObject([{ imageBytes: 3 }]);
    const [key = ''] = await keysOf(world.store, 'kept-images/');
    expect(key).toMatch(/^kept-images\/scored\/now\/1\/2030-01-01\/\d{5}$/);
    expect([...((await world.store.get(key))?.body ?? [])]).toEqual([1, 2, 3]);
  });

  test('writes the given labels of a model with several', async () => {
    const world = testWorld();
    const labels = [
      { label: 'sea', probability: 0.9, given: true },
      { label: 'sky', probability: 0.7, given: true },
      { label: 'tree', probability: 0.2, given: false },
    ];
    await keepPredictions(world, [{ image: 'a', labels, abstained: false }]);
    expect(await readKept(world.store)).toMatchObject([{ label: 'sea', confidence: 0.9, labels: ['sea', 'sky'] }]);
  });

  test('keeps at most so many a day, whatever process writes, and as many the next day', async () => {
    const world = testWorld();
    const keeping = keepAll({ perDay: 5 });
    await Promise.all([1, 2, 3].map((seed) => keepPredictions(world, many(30), { keeping, seed })));
    expect(await readKept(world.store)).toHaveLength(5);
    await world.clock.advance(86_400);
    await keepPredictions(world, many(30), { keeping });
    expect(await readKept(world.store)).toHaveLength(10);
  });

  test('keeps a share', async () => {
    const world = testWorld();
    await keepPredictions(world, many(400), { keeping: keepAll({ share: 0.25 }) });
    const { length } = await readKept(world.store);
    expect(length).toBeGreaterThan(60);
    expect(length).toBeLessThan(140);
    await keepPredictions(world, many(50), { version: 2, keeping: keepAll({ share: 0 }) });
    expect(await keysOf(world.store, 'kept-predictions/scored/now/2/')).toEqual([]);
  });

  test.each([0, 1])('neither fails nor waits longer than asked for a store that does not answer: %d ms', async (waitMs) => {
    const world = testWorld();
    const events: string[] = [];
    let begun = 0;
    const put = (): Promise<never> => {
      begun++;
      return new Promise(() => {});
    };
    const keeper = openPredictionKeeper({ ...world, store: { ...world.store, put } }, { waitMs });
    const request = { model: 'scored', version: 1, keeping: keepAll(), images: [], predictions: many(100) };
    await keeper.keep(request);
    // It remembers no more writes than it can have at once.
    expect(begun).toBe(64);
    const full = { ...world.store, put: () => Promise.reject(new Error('full')) };
    const failing = openPredictionKeeper({ ...world, store: full, log: (event) => void events.push(event) }, { waitMs });
    await failing.keep({ ...request, predictions: many(1) });
    await failing.close();
    expect(events).toEqual(['prediction.not-kept']);
  });
});
