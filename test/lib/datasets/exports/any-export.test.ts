import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayBeExport } from '../../../../lib/contracts/upload-files.ts';
import { readExport } from '../../../../lib/datasets/exports/read-export.ts';
import { labellingOf } from '../../../../lib/datasets/labelling-of.ts';
import { locateImages } from '../../../../lib/datasets/labels/locate-images.ts';
import { tabulateFiles } from '../../../../lib/datasets/tables/file-table.ts';
import { GraftError } from '../../../../lib/errors.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import { damaged } from '../../../support/datasets/damage.ts';
import { imageNumber, importFiles } from '../../../support/datasets/import-files.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const categories = { label: { labels: [{ name: 'cat' }] } };
const samples: Readonly<Record<string, string>> = {
  'coco.json': JSON.stringify({
    images: [{ id: 1, file_name: 'a.png' }],
    annotations: [{ image_id: 1, category_id: 2, bbox: [1, 2, 3, 4] }],
    categories: [{ id: 2, name: 'cat' }],
  }),
  'datumaro.json': JSON.stringify({
    categories,
    items: [{ id: 'a', annotations: [{ type: 'label', label_id: 0 }], image: { path: 'a.png' } }],
  }),
  'studio.json': JSON.stringify([
    {
      id: 1,
      data: { image: '/data/upload/1/12345678-a.png' },
      annotations: [{ result: [{ type: 'choices', from_name: 'c', value: { choices: ['cat'] } }] }],
    },
  ]),
  'minimal.json': JSON.stringify([{ image: 'a.png', choice: { choices: ['cat', 'dog'] }, annotator: 1, annotation_id: 2 }]),
  'studio.csv': 'annotation_id,annotator,image,choice\n1,1,a.png,"{""choices"": [""cat""]}"\n',
  'vertex.csv': 'TRAIN,gs://b/a.png,cat\nTEST,gs://b/c.png,dog,0.1,0.1,,,0.3,0.3,,\n',
  'vertex.jsonl': '{"imageGcsUri":"gs://b/a.png","classificationAnnotation":{"displayName":"cat"}}\n',
  'train.lst': '0\t1\t0\ta.png\n1\t0\t1\tb.png\n',
  'a.manifest':
    '{"source-ref":"s3://b/a.png","c":[1],"c-metadata":{"class-map":{"1":"cat"},"type":"groundtruth/image-classification"}}\n',
  'a.xml':
    '<?xml version="1.0"?><annotations><version>1.1</version><image name="a.png"><tag label="cat"/><box ' +
    'label="dog"/></image></annotations>',
};
const names = Object.keys(samples);

describe('readExport', () => {
  it.each(names)('reads the sample %s', async (name) => {
    expect((await readExport(name, Buffer.from(samples[name] ?? '')))?.entries.length).toBeGreaterThan(0);
    expect(mayBeExport(name)).toBe(true);
  });

  it.each(names)('reads %s in UTF-16 as in UTF-8', async (name) => {
    const text = samples[name] ?? '';
    const [one, other] = await Promise.all(
      [Buffer.from(text), Buffer.from(`\ufeff${text}`, 'utf16le')].map((bytes) => readExport(name, bytes)),
    );
    expect(other).toEqual(one);
  });

  it.each(names)('reads %s in any damage, or fails with an error of its own', async (name) => {
    const bytes = Buffer.from(samples[name] ?? '');
    for (let index = 0; index < 300; index++) await onlyOurErrors(readExport(name, damaged(bytes, 3, index)));
  });

  it('reads any text, JSON and cells, or fails with an error of its own', async () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('gs://b/a.png', '[{"choices":1}]', '{"choices":["a"]}', '1', ''));
    const json = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.stringify(value));
    const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 4 });
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      json,
      table.map((rows) => `annotation_id,annotator,image,x\n${rows.map((row) => row.join()).join('\n')}`),
      table.map((rows) => rows.map((row) => row.join('\t')).join('\n')),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), text, (name, written) => onlyOurErrors(readExport(name, Buffer.from(written)))),
      { numRuns: 300, seed: 1 },
    );
  });

  it.each([
    { name: 'labels.csv', text: 'path,label\na.png,cat\n' },
    { name: 'gs.csv', text: 'path,label\ngs://b/a.png,cat\n' },
    { name: 'ids.csv', text: 'id,annotator\n1,me\n' },
    { name: 'rows.jsonl', text: '{"path":"a.png","label":"cat"}\n' },
    { name: 'metadata.jsonl', text: '{"file_name":"a.png","label":"cat"}\n' },
    { name: 'list.json', text: '[{"image":"a.png","label":"cat"}]' },
    { name: 'tsconfig.json', text: '{"annotations":[],"images":[]}' },
    { name: 'classes.xml', text: '<annotations><class>cat</class></annotations>' },
    { name: 'pom.xml', text: '<project><version>1.1</version></project>' },
    { name: 'words.lst', text: 'cat\ndog\n' },
    { name: 'app.manifest', text: 'CACHE MANIFEST\n' },
    { name: 'README.md', text: '' },
  ])('takes $name for what it is', async ({ name, text }) => {
    expect(await readExport(name, Buffer.from(text))).toBeUndefined();
  });
});

it('fails where files of two tools want to decide', async () => {
  const { 'coco.json': coco = '', 'a.xml': cvat = '' } = samples;
  await expect(importFiles({ 'coco.json': coco, 'a.xml': cvat, 'a.png': await imageNumber(1) })).rejects.toMatchObject({
    code: 'MANIFEST_AMBIGUOUS',
    received: 'CVAT for images, COCO',
  });
});

it('reads none of a thousand files that may be exports, such as one beside each image', async () => {
  const store = openFileStore({ directory: temporaryFolder(), clock: manualClock() });
  const reading = { ...store, get: () => Promise.reject(new Error('read')) };
  const listing = Array.from({ length: 1001 }, (_, index) => ({ path: `${index}.json`, size: 9, sha256: '0'.repeat(64) }));
  const { table } = await tabulateFiles(listing);
  expect((await labellingOf(table, reading)).manifests).toEqual([]);
  const { table: fewer } = await tabulateFiles(listing.slice(1));
  await expect(labellingOf(fewer, reading)).rejects.toThrow('read');
});

it.each(['metadata.csv', 'train/metadata.csv', 'coco.json'])('reads no %s of more than 256 MiB, and fails', async (path) => {
  const store = openFileStore({ directory: temporaryFolder(), clock: manualClock() });
  const reading = { ...store, get: () => Promise.reject(new Error('read')) };
  const { table } = await tabulateFiles([{ path, size: 2 ** 28 + 1, sha256: '0'.repeat(64) }]);
  await expect(labellingOf(table, reading)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE', at: path });
});

it('locates a file by the end of a path with many folders, and none by a path that no system has', () => {
  const paths = ['a/b.png', 'c.png'];
  const files = { length: paths.length, path: (file: number) => paths[file] ?? '', find: (one: string) => indexIn(paths, one) };
  const locate = locateImages(files, '');
  expect(locate(`/home/${'x/'.repeat(1000)}a/b.png`)).toEqual({ file: 0 });
  expect(locate(`https://host/a/b.png?signature=${'x/'.repeat(2 ** 20)}`)).toEqual({ file: 0 });
  for (const start of ['/', 'https://host/', 'data/upload/1/12345678-', '/data/local-files/?d=']) {
    const found = locate(`${start}${'x/'.repeat(2 ** 20)}a/b.png`);
    expect(found).toMatchObject({ code: expect.stringMatching(/^MANIFEST_(FILE_MISSING|PATH_REMOTE)$/) });
  }
});

it('locates a file only by an end of what is written, and only where it is the one', () => {
  const part = fc.constantFrom('a', 'b', 'images', 'x y');
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('/')}.png`);
  const prefix = fc.constantFrom('', 'gs://bucket/', '/home/me/', 'C:\\data\\', './');
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 12 }), prefix, path, (all, before, after) => {
      const paths = all.sort();
      const files = {
        length: paths.length,
        path: (file: number) => paths[file] ?? '',
        find: (one: string) => indexIn(paths, one),
      };
      const found = locateImages(files, '')(`${before}${after}`);
      const exact = paths.indexOf(after);
      if ('code' in found) {
        expect(exact).toBe(-1);
        return;
      }
      const located = paths[found.file] ?? '';
      expect(`/${located}`.endsWith(`/${after.split('/').at(-1)}`)).toBe(true);
      if (before === '' || before === './') expect(`/${located}`.endsWith(`/${after}`)).toBe(true);
      if (exact !== -1) expect(found.file).toBe(exact);
    }),
    { numRuns: 500, seed: 1 },
  );
});

function indexIn(paths: readonly string[], path: string): number | undefined {
  const index = paths.indexOf(path);
  return index === -1 ? undefined : index;
}

async function onlyOurErrors(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    expect(error).toBeInstanceOf(GraftError);
    expect(error.code).not.toBe('INTERNAL');
  });
}
