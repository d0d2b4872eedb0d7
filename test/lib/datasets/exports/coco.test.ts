import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readCoco } from '../../../../lib/datasets/exports/coco.ts';
import { importUpload } from '../../../../lib/datasets/import-upload.ts';
import { readManifest } from '../../../../lib/datasets/manifest.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import { fixturePath } from '../../../support/fixtures.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { uploadBytes } from '../../../support/upload.ts';

const coco = {
  info: { year: 2030 },
  images: [
    { id: 1, file_name: 'one.jpg', width: 128, height: 128 },
    { id: 2, file_name: 'images/two.jpg' },
    { id: 3, file_name: 'gone.jpg' },
  ],
  annotations: [
    { id: 1, image_id: 1, category_id: 7, bbox: [0, 0, 9, 9] },
    { id: 2, image_id: 1, category_id: 7, bbox: [9, 9, 9, 9] },
    { id: 3, image_id: 1, category_id: 4, bbox: [0, 9, 9, 9] },
  ],
  categories: [
    { id: 4, name: 'bottle', supercategory: 'thing' },
    { id: 7, name: 'can' },
  ],
};

it('labels an image with every category that is in it, once, and with none where there is nothing', () => {
  expect(readCoco(JSON.stringify(coco))?.map(({ path, labels }) => [path, labels.labels])).toEqual([
    ['one.jpg', ['bottle', 'can']],
    ['images/two.jpg', []],
    ['gone.jpg', []],
  ]);
});

it.each(['', '{}', '[1]', 'path,label', '{"images":[],"annotations":[]}'])('takes %j for something else', (text) => {
  expect(readCoco(text)).toBeUndefined();
});

it('is told by its content, whatever its name, and finds images beside it and in its folder images', async () => {
  const clock = manualClock();
  const store = openFileStore({ directory: temporaryFolder(), clock });
  const files = await uploadBytes(store, {
    'instances.json': Buffer.from(JSON.stringify(coco)),
    'notes.json': Buffer.from('{"a": 1}'),
    'images/one.jpg': await readFile(fixturePath('trash/glass/glass119.jpg')),
    'images/two.jpg': await readFile(fixturePath('trash/metal/metal102.jpg')),
  });
  const { digest, report } = await importUpload({ store, clock, log: () => {}, files, name: 'coco', maxRefused: 1 });
  expect(report.task).toBe('multi-label');
  expect((await readManifest(digest, store)).map(({ path, labels }) => [path, labels])).toEqual([
    ['images/one.jpg', ['bottle', 'can']],
    ['images/two.jpg', []],
  ]);
  expect(report.refused.map(({ path, code }) => [path, code])).toEqual([
    ['gone.jpg', 'MANIFEST_FILE_MISSING'],
    ['notes.json', 'IMAGE_FORMAT_UNSUPPORTED'],
  ]);
});
