import { expect, it } from 'vitest';
import { withExternalImages } from '../../../../lib/datasets/external/external-store.ts';
import { blobKey } from '../../../../lib/datasets/files/blob-key.ts';
import { runImport } from '../../../../lib/datasets/run-import.ts';
import { setLabels } from '../../../../lib/datasets/set-labels.ts';
import { createUpload } from '../../../../lib/datasets/uploads/upload.ts';
import { openDataset } from '../../../../lib/datasets/versions/dataset-store.ts';
import { collectGarbage } from '../../../support/collect-garbage.ts';
import { someImages } from '../../../support/datasets/external-images-contract.ts';
import { embeddedBucket } from '../../../support/datasets/source-buckets.ts';
import { importStored, uploadBytes } from '../../../support/datasets/upload.ts';
import { testWorld } from '../../../support/world.ts';

const labels = [{ image: 'cat/1.png', labels: ['dog'], source: 'person' as const }];

async function opened() {
  const bucket = embeddedBucket('photographs');
  const images = await someImages(['cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/2.png']);
  for (const [path, bytes] of Object.entries(images)) await bucket.put(`pets/${path}`, bytes);
  const world = { ...testWorld(), buckets: bucket.buckets };
  const fromBucket = async () => {
    const { id } = await createUpload({ name: 'pets', maxRefused: 0, source: 's3://photographs/pets' }, world);
    expect(await runImport(id, world)).toMatchObject({ state: 'READY' });
  };
  const fromFolder = async () => {
    const files = await uploadBytes(world.store, images);
    await importStored({ name: 'pets', files }, world);
  };
  return { world, fromBucket, fromFolder };
}

/** Sets labels; before their version is written, the same images are imported again, and the collector runs. */
async function setLabelsDuring(reimport: () => Promise<void>, world: ReturnType<typeof testWorld>): Promise<string> {
  let isFirst = true;
  const store = {
    ...world.store,
    async put(...[key, ...written]: Parameters<typeof world.store.put>) {
      if (key.startsWith('manifests/') && isFirst) {
        isFirst = false;
        await reimport();
        await collectGarbage(world);
      }
      return world.store.put(key, ...written);
    },
  };
  return (await setLabels('pets', { labels }, { ...world, store })).digest;
}

it.each([
  { from: 'bucket', to: 'bucket' },
  { from: 'folder', to: 'bucket' },
  { from: 'bucket', to: 'folder' },
] as const)(
  'keeps the images of a version with other labels if an import from a $to replaces one from a $from meanwhile',
  async ({ from, to }) => {
    const { world, fromBucket, fromFolder } = await opened();
    const imports = { bucket: fromBucket, folder: fromFolder };
    await imports[from]();
    const digest = await setLabelsDuring(imports[to], world);
    await collectGarbage(world);
    const { store } = await withExternalImages(`pets@${digest}`, world);
    for (const { sha256 } of (await openDataset(`pets@${digest}`, store)).rows)
      await expect(store.get(blobKey(sha256))).resolves.toBeDefined();
  },
);

it('copies all images of a data set in a bucket that is imported again from a folder', async () => {
  const { world, fromBucket, fromFolder } = await opened();
  await fromBucket();
  await setLabels('pets', { labels }, world);
  await fromFolder();
  const { store } = await withExternalImages('pets', world);
  expect(store).toBe(world.store);
});
