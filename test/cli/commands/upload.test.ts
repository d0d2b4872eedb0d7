import { rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { upload, uploadSource } from '../../../cli/commands/upload.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { type Client, createClient } from '../../../lib/client/client.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { ForbiddenError } from '../../../lib/errors.ts';
import { apiSystem } from '../../support/api.ts';
import { fileOf, zipOf } from '../../support/datasets/archives.ts';
import { folderOf, imageNumber } from '../../support/datasets/import-files.ts';

const [one, two] = await Promise.all([imageNumber(1), imageNumber(2)]);
const rows = 'path,label\nb.png,dog\na.png,cat\na.png,cat\na.png,cat\n';

test.each([
  {
    source: 'a manifest with equal rows',
    path: () => `${folderOf({ 'manifest.csv': rows, 'a.png': one, 'b.png': two })}/manifest.csv`,
  },
  {
    source: 'an archive with equal entries',
    path: () =>
      fileOf(
        'pets.zip',
        zipOf(
          ['cat/a.png', 'cat/a.png', 'cat/a.png', 'dog/b.png'].map((name) => ({ name, bytes: name === 'dog/b.png' ? two : one })),
        ),
      ),
  },
  {
    source: 'an archive whose entries come again in another part',
    // Another file with the same path begins another part.
    path: () => fileOf('pets.zip', zipOf([one, two, one, two].map((bytes) => ({ name: 'cat/a.png', bytes })))),
    report: { accepted: 1, refused: [{ path: 'cat/a.png', code: 'NAME_TAKEN' }] },
  },
])('sends each file of $source once', async ({ path, report: expected = { accepted: 2, refused: [] } }) => {
  expect(await uploaded(path(), 0.5).report).toMatchObject(expected);
});

/** A folder with two images and links that lead nowhere. */
function folderWithLinks(links: number): string {
  const folder = folderOf({ 'cat/a.png': one, 'dog/b.png': two });
  for (let link = 0; link < links; link++) symlinkSync(join(folder, 'none.png'), join(folder, `cat/${link}.png`));
  return folder;
}

test('files that are not sent count as refused, and the stored report has them', async () => {
  await expect(uploaded(folderWithLinks(1), 0).report).rejects.toMatchObject({
    code: 'TOO_MANY_REFUSED',
    expected: 'at most 0 of 3 files refused',
    received: [{ path: 'cat/0.png', code: 'LINK_NOT_FOLLOWED' }],
  });
  const { report, client } = uploaded(folderWithLinks(1), 0.5);
  const refused = [{ path: 'cat/0.png', code: 'LINK_NOT_FOLLOWED', message: expect.stringContaining('link') }];
  expect(await report).toMatchObject({ accepted: 2, refused });
  expect(await client.datasets.report('pets')).toMatchObject({ accepted: 2, refused });
});

test('a file that is not sent and that a manifest names is listed once', async () => {
  const folder = folderOf({ 'manifest.csv': 'path,label\na.png,cat\nb.png,dog\nc.png,dog\n', 'a.png': one, 'b.png': two });
  symlinkSync('/etc/hostname', join(folder, 'c.png'));
  const { report, client } = uploaded(folder, 0.5);
  expect((await report).refused).toMatchObject([{ path: 'c.png', code: 'LINK_NOT_FOLLOWED' }]);
  expect((await client.datasets.report('pets')).refused).toMatchObject([{ path: 'c.png', code: 'LINK_NOT_FOLLOWED' }]);
});

test('of many files that are not sent, all count', async () => {
  await expect(uploaded(folderWithLinks(600), 0.9).report).rejects.toMatchObject({
    code: 'TOO_MANY_REFUSED',
    expected: 'at most 541 of 602 files refused',
  });
});

test('without a file that can be sent, the error has the reasons', async () => {
  const folder = folderOf({});
  symlinkSync(join(folder, 'none.png'), join(folder, 'a.png'));
  await expect(uploaded(folder, 1).report).rejects.toMatchObject({
    code: 'TOO_MANY_REFUSED',
    received: [{ path: 'a.png', code: 'LINK_NOT_FOLLOWED' }],
  });
});

test.each([
  ['pets', 'pets'],
  // The tests run where folders of these names are, which `graft train` would import.
  ['docs', 'docs:latest'],
  ['lib', 'lib:latest'],
])('suggests to train the data set %s as %s', async (name, suggested) => {
  const { context, imports } = importingSystem();
  const result = vi.fn();
  const options = { name, maxRefused: 0.5 };
  const numbers = await Promise.all(Array.from({ length: 4 }, (_, number) => imageNumber(number)));
  const files = Object.fromEntries(numbers.map((bytes, number) => [`${number % 2 === 0 ? 'cat' : 'dog'}/${number}.png`, bytes]));
  const output = { note() {}, progress() {}, endProgress() {}, result };
  await upload(folderOf({ ...files, 'cat/no.png': 'text' }), options, context, output as unknown as Output);
  await Promise.all(imports);
  expect(result.mock.lastCall?.[1]).toMatch(new RegExp(`\\n  graft train --dataset ${suggested} --wait$`));
});

test('the error names the way to allow more refused files, and to use the data set', async () => {
  await expect(uploaded(folderOf({ 'cat/a.png': one, 'dog/b.png': 'text' }), 0).report).rejects.toMatchObject({
    fix: expect.stringContaining('graft upload PATH --name pets --max-refused SHARE, then use the data set as pets:latest'),
  });
});

test('a file that is too large is refused unsent, and the others are imported', async () => {
  const folder = folderOf({ 'cat/a.png': one, 'dog/b.png': two, 'cat/film.mp4': '' });
  truncateSync(join(folder, 'cat/film.mp4'), 101 * 2 ** 20);
  const { report, client } = uploaded(folder, 0.5);
  const refused = [{ path: 'cat/film.mp4', code: 'FILE_TOO_LARGE' }];
  expect(await report).toMatchObject({ accepted: 2, refused });
  expect(await client.datasets.report('pets')).toMatchObject({ accepted: 2, refused });
});

test('files that change or go before they are sent are refused, and the others are imported', async () => {
  const images = await Promise.all(Array.from({ length: 12 }, (_, number) => imageNumber(number)));
  const folder = folderOf(Object.fromEntries(images.map((bytes, number) => [`${number % 2}/${number}.png`, bytes])));
  const lost: string[] = [];
  const { report } = uploaded(folder, 0.5, (datasets) => ({
    async addFiles(id, files) {
      // Eight files are read at once, before the first one is sent.
      lost.push(...files.slice(-2).map(({ path }) => path));
      return datasets.addFiles(id, files);
    },
    async sendFile(...sent) {
      const [changed = '', gone = ''] = lost;
      writeFileSync(join(folder, changed), 'changed');
      rmSync(join(folder, gone), { force: true });
      return datasets.sendFile(...sent);
    },
  }));
  const { accepted, refused } = await report;
  expect({ accepted, codes: refused.map(({ code }) => code) }).toEqual({ accepted: 10, codes: ['FILE_MISSING', 'FILE_MISSING'] });
  expect(refused.map(({ path }) => path)).toEqual(lost.sort());
});

test('an export that changes before it is sent leaves no labels to the folders', async () => {
  const folder = folderOf({ 'images/a.png': one, 'images/b.png': two, 'annotations.json': Buffer.from('{}') });
  const { report } = uploaded(folder, 0.5, (datasets) => ({
    async addFiles(id, files) {
      writeFileSync(join(folder, 'annotations.json'), '{"images": []}');
      return datasets.addFiles(id, files);
    },
  }));
  await expect(report).rejects.toMatchObject({ code: 'FILE_MISSING', at: 'annotations.json' });
});

test('a table that is too large is refused, and the images have the labels of the manifest beside it', async () => {
  const manifest = Buffer.from('path,label\nimages/a.png,cat\nimages/b.png,dog\n');
  const folder = folderOf({ 'images/a.png': one, 'images/b.png': two, 'manifest.csv': manifest, 'big.json': Buffer.from('{}') });
  truncateSync(join(folder, 'big.json'), 257 * 2 ** 20);
  const { accepted, classes, refused } = await uploaded(folder, 0.5).report;
  expect({ accepted, labels: classes.map(({ label }) => label) }).toEqual({ accepted: 2, labels: ['cat', 'dog'] });
  expect(refused).toMatchObject([{ path: 'big.json', code: 'FILE_TOO_LARGE' }]);
});

test.each(['manifest.csv', 'train/metadata.csv'])(
  'without its manifest %s, a folder is not imported by its folders',
  async (path) => {
    const folder = folderOf({ 'train/a.png': one, 'test/b.png': two });
    symlinkSync('/etc/hostname', join(folder, path));
    await expect(uploaded(folder, 0.5).report).rejects.toMatchObject({
      code: 'FILE_MISSING',
      at: path,
      received: 'LINK_NOT_FOLLOWED',
    });
  },
);

test('signed requests that have expired are renewed, for all files of their part at once', async () => {
  const lists: unknown[] = [];
  const expired = new Set<unknown>();
  const { report } = uploaded(folderOf({ 'cat/a.png': one, 'dog/b.png': two }), 0, (datasets) => ({
    async addFiles(id, files) {
      lists.push(files);
      const added = await datasets.addFiles(id, files);
      if (lists.length === 1) for (const upload of added.uploads) expired.add(upload);
      return added;
    },
    async sendFile(...sent) {
      if (expired.has(sent[0])) throw new ForbiddenError('UPLOAD_EXPIRED');
      return datasets.sendFile(...sent);
    },
  }));
  expect(await report).toMatchObject({ accepted: 2, refused: [] });
  expect(lists).toEqual([lists[0], lists[0]]);
});

test('after a file that cannot be sent, no further file is sent', async () => {
  const files = Array.from({ length: 40 }, (_, file) => [`cat/${file}.png`, `image ${file}`]);
  const sent: string[] = [];
  const refuseFirst: Datasets['sendFile'] = async ({ path }) => {
    sent.push(path);
    if (sent.length === 1) throw new Error('no connection');
  };
  const change: ChangeDatasets = () => ({ sendFile: refuseFirst });
  await expect(uploaded(folderOf(Object.fromEntries(files)), 1, change).report).rejects.toThrow('no connection');
  const before = sent.length;
  expect(before).toBeLessThan(files.length);
  await new Promise(setImmediate);
  expect(sent).toHaveLength(before);
});

type Datasets = Client['datasets'];
/** Replaces methods of the client; gets the real ones. */
type ChangeDatasets = (datasets: Datasets) => Partial<Datasets>;

function importingSystem(change: ChangeDatasets = () => ({})) {
  const { api, world } = apiSystem();
  /** As the worker does that the command starts. */
  async function importQueued(): Promise<void> {
    const [received] = await world.queues.imports.receive({ max: 1, visibilitySeconds: 60 });
    if (received?.message.type === 'import') await runImport(received.message.upload, world);
  }
  const { datasets, ...others } = createClient(api);
  const client = { ...others, datasets: { ...datasets, ...change(datasets) } };
  const imports: Promise<void>[] = [];
  const context = { client, hasWorker: () => true, wakeWorker: () => void imports.push(importQueued()) };
  return { client, imports, context: context as unknown as Context };
}

function uploaded(path: string, maxRefused: number, change?: ChangeDatasets) {
  const { client, imports, context } = importingSystem(change);
  const output = { note() {}, progress() {} };
  const options = { name: 'pets', maxRefused };
  const report = uploadSource(path, options, context, output as unknown as Output);
  return { client, report: report.finally(() => Promise.all(imports)) };
}
