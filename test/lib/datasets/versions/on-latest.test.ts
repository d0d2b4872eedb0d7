import { expect, test } from 'vitest';
import { removeVersions } from '../../../../lib/datasets/versions/dataset-store.ts';
import { onLatest } from '../../../../lib/datasets/versions/on-latest.ts';
import { ConflictError, RuntimeError } from '../../../../lib/errors.ts';
import { putDataset, range } from '../../../support/datasets/put-dataset.ts';
import { type testWorld as TestWorld, testWorld } from '../../../support/world.ts';

type AnyWorld = ReturnType<typeof TestWorld>;

const damaged = () => new RuntimeError('MANIFEST_CHANGED', { at: 'manifests', expected: 'a', received: 'b', fix: 'again' });

/** Makes a version of `pets`, whose first try fails after something happened. @returns the number of tries */
async function triesAfter(error: Error, meanwhile: (world: AnyWorld, digest: string) => Promise<unknown>): Promise<number> {
  const world = testWorld();
  const digest = await putDataset('pets', [1, 2], world);
  let tries = 0;
  await onLatest('pets', world.store, async () => {
    if (tries++ > 0) return;
    await meanwhile(world, digest);
    throw error;
  });
  return tries;
}

test.each<[string, (world: AnyWorld, digest: string) => Promise<unknown>]>([
  ['another version becomes the latest', (world) => putDataset('pets', [1, 2, 3], world)],
  ['the latest version is deleted', ({ store }, digest) => removeVersions('pets', new Set([digest]), store)],
  [
    'the latest version is deleted and imported again',
    async (world, digest) => {
      await removeVersions('pets', new Set([digest]), world.store);
      await world.clock.advance(1);
      await putDataset('pets', [1, 2], world);
    },
  ],
])('starts over if %s while it is read', async (_, meanwhile) => {
  expect(await triesAfter(damaged(), meanwhile)).toBe(2);
});

test('starts over if it says that its version is no longer the latest', async () => {
  const late = new ConflictError('DATASET_VERSION_CHANGED', { at: 'pets', expected: 'a', received: 'b', fix: 'again' });
  expect(await triesAfter(late, async () => {})).toBe(2);
});

test('tries once if the latest version stays, whatever is wrong with it', async () => {
  const { store } = testWorld();
  let tries = 0;
  const make = async () => {
    tries++;
    throw damaged();
  };
  await expect(onLatest('pets', store, make)).rejects.toMatchObject({ code: 'MANIFEST_CHANGED' });
  expect(tries).toBe(1);
});

test('gives each try the version that is the latest one then', async () => {
  const world = testWorld();
  const digests: string[] = [];
  const given: (string | undefined)[] = [];
  await onLatest('pets', world.store, async (latest) => {
    given.push(latest?.digest);
    if (given.length === 3) return;
    digests.push(await putDataset('pets', range(0, given.length), world));
    throw damaged();
  });
  expect(given).toEqual([undefined, ...digests]);
});
