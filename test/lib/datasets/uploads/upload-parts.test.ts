import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { UploadFile } from '../../../../lib/contracts/dataset.ts';
import { readParts, writePart } from '../../../../lib/datasets/uploads/upload-parts.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { testWorld } from '../../../support/world.ts';

const UPLOAD = 'upload-000000000-0000000000';

test('many parts are read at once, but not all of them, and come in the order of their keys', async () => {
  const { store } = testWorld();
  const written: { key: string; files: UploadFile[] }[] = [];
  for (let i = 0; i < 100; i++) {
    const files = [{ path: `cat/${i}.jpg`, size: 1, sha256: 'a'.repeat(64) }];
    written.push({ key: await writePart(UPLOAD, 'listed', files, store), files });
  }
  const reads = counting(store);
  const parts: UploadFile[][] = [];
  for await (const part of readParts(UPLOAD, reads.store)) {
    // Those that wait for this consumer count, too.
    expect(reads.begun() - parts.length).toBeLessThanOrEqual(32);
    parts.push(part);
  }
  expect(parts).toEqual(written.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ files }) => files));
  expect(reads.atOnce()).toBe(32);
});

/** A store that counts reads: a read ends only after others had the time to begin. */
function counting(store: ObjectStore) {
  let begun = 0;
  let running = 0;
  let most = 0;
  const counted: ObjectStore = {
    ...store,
    async get(key) {
      begun++;
      most = Math.max(most, ++running);
      for (let turn = 0; turn < 10; turn++) await nextTurn();
      running--;
      return store.get(key);
    },
  };
  return { store: counted, begun: () => begun, atOnce: () => most };
}
