import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { blobKey } from '../../../lib/datasets/blob-key.ts';
import { addVersion } from '../../../lib/datasets/dataset-store.ts';
import { deleteDataset } from '../../../lib/datasets/delete-dataset.ts';
import { writeManifest } from '../../../lib/datasets/manifest.ts';
import { runDeletion } from '../../../lib/datasets/run-deletion.ts';
import { tabulateRows } from '../../../lib/datasets/tables/row-table.ts';
import { createUpload } from '../../../lib/datasets/upload.ts';
import { listKeys } from '../../../lib/list-keys.ts';
import type { World } from '../../../lib/ports.ts';
import { runDeletions } from '../../support/run-deletions.ts';
import { testWorld } from '../../support/world.ts';

const shaOf = (image: number) => createHash('sha256').update(`${image}`).digest('hex');
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

/** A data set of images whose bytes do not matter. */
async function putDataset(name: string, images: readonly number[], { store, clock }: World): Promise<void> {
  const rows = images.map((image) => ({
    path: `a/${`${image}`.padStart(6, '0')}.png`,
    sha256: shaOf(image),
    labels: ['a'],
    width: 1,
    height: 1,
  }));
  await Promise.all(images.map((image) => store.put(blobKey(shaOf(image)), new Uint8Array(1))));
  const all = async function* () {
    yield* rows;
  };
  const digest = await writeManifest(await tabulateRows(all()), store);
  await addVersion(name, { digest, createdAt: clock.now().toISOString(), images: images.length }, store);
}

async function left(prefix: string, { store }: World): Promise<number> {
  let count = 0;
  for await (const _ of listKeys(store, prefix)) count++;
  return count;
}

/** The message that goes on with it, once it is time. */
async function nextMessage(world: ReturnType<typeof testWorld>, afterSeconds: number) {
  await world.clock.advance(afterSeconds);
  const [delivery] = await world.queues.imports.receive({ max: 1, visibilitySeconds: 600 });
  if (delivery === undefined) return undefined;
  await world.queues.imports.acknowledge(delivery.receipt);
  return delivery.message;
}

describe('what a deleted data set has left', () => {
  test('goes when its message comes, but for what another has; of equal manifests all stays', async () => {
    const world = testWorld();
    await putDataset('one', range(0, 10), world);
    await putDataset('same', range(0, 10), world);
    await putDataset('more', range(5, 20), world);
    expect(await deleteDataset('one', world)).toMatchObject({ dataset: 'one', versions: [expect.any(String)] });
    expect(await left('blobs/', world)).toBe(20);
    const message = await nextMessage(world, 10);
    expect(message).toMatchObject({ type: 'delete' });
    const deletion = message?.type === 'delete' ? message.deletion : '';
    expect(await runDeletion(deletion, world)).toMatchObject({ deleted: 0, kept: 10 });
    // The message may come twice.
    expect(await runDeletion(deletion, world)).toBeUndefined();
    await deleteDataset('same', world);
    expect(await runDeletions(world)).toMatchObject([{ deleted: 5, kept: 5 }]);
    expect(await left('blobs/', world)).toBe(15);
    expect(await left('manifests/', world)).toBe(1);
    expect(await left('deletions/', world)).toBe(0);
  });

  test('is deleted in as many calls as it takes, no image twice', async () => {
    const world = testWorld();
    await putDataset('many', range(0, 200), world);
    await deleteDataset('many', world);
    const asked: string[] = [];
    const watched = (key: string) => {
      asked.push(key);
      return world.store.delete(key);
    };
    const store = { ...world.store, delete: watched };
    const over = AbortSignal.abort();
    let calls = 0;
    for (let done = 0; done === 0; calls++) done = (await runDeletions({ ...world, store }, { signal: over })).length;
    expect(calls).toBe(4);
    expect(await left('blobs/', world)).toBe(0);
    expect(asked.filter((key) => key.startsWith('blobs/'))).toHaveLength(200);
    // Its own message, and one for each call that was not the last.
    await world.clock.advance(10);
    expect(await world.queues.imports.size()).toBe(4);
  });

  test('is deleted to its end by the next try, where one has died', async () => {
    const world = testWorld();
    await putDataset('many', range(0, 100), world);
    await deleteDataset('many', world);
    let deletes = 0;
    const dying = (key: string) => (deletes++ < 80 ? world.store.delete(key) : Promise.reject(new Error('died')));
    await expect(runDeletions({ ...world, store: { ...world.store, delete: dying } })).rejects.toThrow('died');
    expect(await runDeletions(world)).toMatchObject([{ deleted: 100, kept: 0 }]);
    expect(await left('blobs/', world)).toBe(0);
  });

  test('waits for uploads, which may count on it; not for those that were left', async () => {
    const world = testWorld();
    await putDataset('one', range(0, 3), world);
    await deleteDataset('one', world);
    await createUpload({ name: 'new', maxRefused: 0 }, world);
    expect(await runDeletions(world)).toEqual([]);
    expect(await left('blobs/', world)).toBe(3);
    expect(await nextMessage(world, 61)).toMatchObject({ type: 'delete' });
    await world.clock.advance(86_400);
    expect(await runDeletions(world)).toMatchObject([{ deleted: 3 }]);
  });

  test('stays where the data set is there after all: whoever deleted it died before, or it was imported again', async () => {
    const world = testWorld();
    await putDataset('one', range(0, 3), world);
    const dying = {
      ...world.store,
      put: (...put: Parameters<typeof world.store.put>) =>
        put[0].startsWith('datasets/') ? Promise.reject(new Error('died')) : world.store.put(...put),
    };
    await expect(deleteDataset('one', { ...world, store: dying })).rejects.toThrow('died');
    expect(await runDeletions(world)).toMatchObject([{ deleted: 0, kept: 0 }]);
    await deleteDataset('one', world);
    await putDataset('one', range(0, 3), world);
    expect(await runDeletions(world)).toMatchObject([{ deleted: 0, kept: 0 }]);
    expect(await left('blobs/', world)).toBe(3);
    expect(await left('manifests/', world)).toBe(1);
  });
});
