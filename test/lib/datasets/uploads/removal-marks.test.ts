import { describe, expect, test } from 'vitest';
import { blobKey } from '../../../../lib/datasets/files/blob-key.ts';
import { VOID_AFTER_SECONDS, writeMark } from '../../../../lib/datasets/uploads/removal-marks.ts';
import { addFiles, createUpload } from '../../../../lib/datasets/uploads/upload.ts';
import type { ObjectHead, ObjectStore } from '../../../../lib/ports.ts';
import { shaOf } from '../../../support/datasets/put-dataset.ts';
import { testWorld } from '../../../support/world.ts';

const file = { path: 'a/1.png', size: 1, sha256: shaOf(1) };

/** An upload, an image that the store has, and a mark that names it. */
async function markedImage(keys = [blobKey(shaOf(1))]) {
  const world = testWorld();
  const { id } = await createUpload({ name: 'pets', maxRefused: 0 }, world);
  await world.store.put(blobKey(shaOf(1)), new Uint8Array(1));
  const mark = await writeMark(keys, world);
  const sleeps: number[] = [];
  /** @param onSleep what happens meanwhile */
  const add = (onSleep: () => Promise<unknown>, store: ObjectStore = world.store) => {
    const sleep = async (milliseconds: number) => {
      sleeps.push(milliseconds);
      await onSleep();
    };
    return addFiles(id, [file], { ...world, store, clock: { ...world.clock, sleep } });
  };
  return { world, mark, sleeps, add };
}

describe('an image that is being removed', () => {
  test('counts as missing once it is gone, and is not asked for before', async () => {
    const { world, mark, sleeps, add } = await markedImage();
    const added = await add(async () => {
      if (sleeps.length < 3) return;
      await world.store.delete(blobKey(shaOf(1)));
      await world.store.delete(mark);
    });
    expect(added.uploads).toMatchObject([{ path: file.path }]);
    expect(sleeps).toHaveLength(3);
  });

  test('is there where the collector has seen the upload in time', async () => {
    const { world, mark, add } = await markedImage();
    expect(await add(() => world.store.delete(mark))).toEqual({ uploads: [] });
  });

  test('is waited for no longer than a request may take', async () => {
    const { add, sleeps } = await markedImage();
    await expect(add(async () => {})).rejects.toMatchObject({
      name: 'CapacityError',
      code: 'REMOVAL_IN_PROGRESS',
      retryable: true,
    });
    expect(sleeps.reduce((sum, sleep) => sum + sleep, 0)).toBe(10_000);
  });

  test(
    "is there where its mark was left by a collector that died: by the store's clock, whatever this machine's " + 'says',
    async () => {
      const { world, mark, add } = await markedImage();
      const written = (await world.store.head(mark))?.modifiedAt.getTime() ?? 0;
      const at = (head: ObjectHead, seconds: number) => ({ ...head, modifiedAt: new Date(written + seconds * 1000) });
      const whenPartIs = (seconds: number): ObjectStore => ({
        ...world.store,
        head: async (key) => {
          const head = await world.store.head(key);
          return head && (key.startsWith('upload-parts/') ? at(head, seconds) : head);
        },
      });
      expect(await add(() => expect.fail('no wait was expected'), whenPartIs(VOID_AFTER_SECONDS + 1))).toEqual({ uploads: [] });
      await expect(add(async () => {}, whenPartIs(VOID_AFTER_SECONDS - 15))).rejects.toMatchObject({
        code: 'REMOVAL_IN_PROGRESS',
      });
      expect(await add(async () => {}, whenPartIs(VOID_AFTER_SECONDS - 5))).toEqual({ uploads: [] });
    },
  );
});

test('a mark that names other keys is not waited for', async () => {
  const { add } = await markedImage([blobKey(shaOf(2))]);
  expect(await add(() => expect.fail('no wait was expected'))).toEqual({ uploads: [] });
});

test('a mark that cannot be read may name anything', async () => {
  const { world, add } = await markedImage([]);
  await world.store.put('collection/marks/damaged.json', Buffer.from('{'));
  await expect(add(async () => {})).rejects.toMatchObject({ code: 'REMOVAL_IN_PROGRESS' });
});
