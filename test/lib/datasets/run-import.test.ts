import { expect, test } from 'vitest';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { writePart } from '../../../lib/datasets/uploads/upload-parts.ts';
import { changeUpload, failUpload, readUpload } from '../../../lib/datasets/uploads/upload-record.ts';
import { readVersions, removeVersions } from '../../../lib/datasets/versions/dataset-store.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import type { ObjectStore, World } from '../../../lib/ports.ts';
import { imageNumber } from '../../support/datasets/import-files.ts';
import { uploadBytes } from '../../support/datasets/upload.ts';
import { readFixture } from '../../support/fixtures.ts';
import { testWorld } from '../../support/world.ts';

test('an attempt that was replaced does not fail the upload that another attempt works on', async () => {
  const world = testWorld();
  const id = await beginImport({ 'cat/1.png': await readFixture('trash/cardboard/cardboard100.jpg') }, world);

  // While this attempt commits, the upload is ended as given up, and a redelivered message takes it up again.
  let isReplaced = false;
  const store: ObjectStore = {
    ...world.store,
    get: async (key) => {
      const isAnnounced = (await world.store.head('datasets/pets.json')) !== undefined;
      if (!key.startsWith('uploads/') || !isAnnounced || isReplaced) return world.store.get(key);
      isReplaced = true;
      const exhausted = { at: id, expected: 'an end', received: 'none', fix: 'again', retryable: true };
      await failUpload(id, new RuntimeError('IMPORT_RETRIES_EXHAUSTED', exhausted), world);
      const ended = await world.store.get(key);
      await changeUpload(id, world, ({ error: _, ...upload }) => ({ ...upload, state: 'IMPORTING' }));
      return ended;
    },
  };
  await runImport(id, { ...world, store });
  expect(isReplaced).toBe(true);
  expect(await readUpload(id, world.store)).toMatchObject({ state: 'IMPORTING' });

  expect(await runImport(id, world)).toMatchObject({ state: 'READY', report: { accepted: 1 } });
});

test('an import starts over if the version whose labels it reads is deleted and collected', async () => {
  const world = testWorld();
  await runImport(await beginImport({ 'cat/1.png': await imageNumber(1) }, world), world);
  const [version] = await readVersions('pets', world.store);
  const id = await beginImport({ 'cat/2.png': await imageNumber(2) }, world);

  let isDeleted = false;
  const store: ObjectStore = {
    ...world.store,
    get: async (key) => {
      if (key.startsWith('manifests/') && !isDeleted) {
        isDeleted = true;
        await removeVersions('pets', new Set([version?.digest ?? '']), world.store);
        await world.store.delete(key);
      }
      return world.store.get(key);
    },
  };
  expect(await runImport(id, { ...world, store })).toMatchObject({ state: 'READY', report: { accepted: 1 } });
  expect(isDeleted).toBe(true);
  expect(await readVersions('pets', world.store)).toHaveLength(1);
});

test.each([
  {
    tool: 'Vertex AI',
    name: 'manifest.jsonl',
    text: '{"imageGcsUri":"gs://b/a.png","classificationAnnotation":{"displayName":"cat"}}\n',
  },
  {
    tool: 'SageMaker',
    name: 'manifest.jsonl',
    text: '{"source-ref":"s3://b/a.png","c":0,"c-metadata":{"class-name":"cat","type":"groundtruth/image-classification"}}\n',
  },
  { tool: 'Label Studio', name: 'manifest.csv', text: 'annotation_id,annotator,image,choice\n1,1,a.png,cat\n' },
])('an export of $tool may be named $name', async ({ name, text }) => {
  const world = testWorld();
  const id = await beginImport({ [name]: Buffer.from(text), 'a.png': await imageNumber(1) }, world);
  expect(await runImport(id, world)).toMatchObject({
    state: 'READY',
    report: { accepted: 1, classes: [{ label: 'cat', images: 1 }] },
  });
});

/** An upload of these files to the data set `pets`, ready to be imported. @returns its id */
async function beginImport(sent: Readonly<Record<string, Uint8Array>>, world: World): Promise<string> {
  const { id } = await createUpload({ name: 'pets', maxRefused: 0 }, world);
  const files = await uploadBytes(world.store, sent);
  await writePart(id, 'listed', files, world.store);
  await changeUpload(id, world, (upload) => ({ ...upload, state: 'IMPORTING', parts: 1, files: files.length }));
  return id;
}
