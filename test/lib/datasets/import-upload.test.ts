import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckOptions } from '../../../lib/datasets/checks/check-files.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { listDatasets, openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { readReport } from '../../../lib/datasets/versions/report-store.ts';
import { CapacityError } from '../../../lib/errors.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import type { Log, ObjectStore } from '../../../lib/ports.ts';
import { randomStream } from '../../../lib/random.ts';
import { disguisedSvg } from '../../support/datasets/disguised-svg.ts';
import { importStored, type StoredFiles, uploadBytes, uploadSource } from '../../support/datasets/upload.ts';
import { fixturePath, readFixture } from '../../support/fixtures.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

const clock = manualClock('2030-01-01T00:00:00.000Z');

describe('importUpload', () => {
  let red: Uint8Array;
  let blue: Uint8Array;
  let green: Uint8Array;
  beforeAll(async () => {
    [red, blue, green] = await Promise.all([picture('red'), picture('blue'), picture('green')]);
  });

  it('makes a version of a folder of photographs', async () => {
    const store = newStore();
    const files = await uploadSource(store, fixturePath('trash'));
    const { digest, report, decoded } = await importInto(store, { files });
    expect(report).toEqual({
      dataset: 'pictures',
      digest,
      task: 'single-label',
      classes: ['cardboard', 'glass', 'metal', 'paper', 'plastic', 'trash'].map((label) => ({ label, images: 10 })),
      accepted: 60,
      refused: [],
      duplicates: [],
      sizes: { width: { smallest: 128, median: 128, largest: 128 }, height: { smallest: 128, median: 128, largest: 128 } },
      warnings: [],
    });
    expect(decoded).toBe(60);
    expect(await openDataset('pictures', store)).toMatchObject({
      digest,
      rows: expect.objectContaining({ length: 60 }),
      labels: report.classes.map(({ label }) => label),
    });
    expect(await readReport(`pictures@${digest}`, store)).toEqual(report);
    expect(await listDatasets(store, { limit: 10 })).toEqual({
      datasets: [{ name: 'pictures', versions: [{ digest, createdAt: '2030-01-01T00:00:00.000Z', images: 60 }] }],
    });
  });

  it('decodes no image a second time, under whatever name it comes', async () => {
    const store = newStore();
    const files = await uploadBytes(store, { 'a/1.png': red, 'b/2.png': blue, 'b/not.jpg': Buffer.from('text') });
    const events: unknown[] = [];
    const first = await importInto(store, { files, maxRefused: 1 });
    const second = await importInto(store, { files, maxRefused: 1, name: 'again' }, { log: (...event) => events.push(event) });
    expect([first.decoded, first.known]).toEqual([3, 0]);
    expect([second.decoded, second.known]).toEqual([0, 3]);
    expect(second.digest).toBe(first.digest);
    expect(second.report).toEqual({ ...first.report, dataset: 'again' });
    expect(events).toContainEqual(['dataset.checked', { dataset: 'again', accepted: 2, refused: 1, decoded: 0, known: 3 }]);
  });

  it('gives the same content the same digest, in whatever order it comes', async () => {
    const store = newStore();
    const files = await uploadSource(store, fixturePath('trash'));
    const { digest } = await importInto(store, { files });
    for (const seed of [1, 2, 3]) {
      const shuffled = randomStream(seed, 'order').shuffle(files);
      expect((await importInto(store, { files: shuffled })).digest).toBe(digest);
    }
  });

  it("lists the operating system's own files without counting them", async () => {
    const store = newStore();
    const junk = ['a/.DS_Store', '__MACOSX/a/._1.png', 'a/Thumbs.db', 'b/._2.png', 'desktop.ini'];
    const files = await uploadBytes(store, {
      'a/1.png': red,
      'b/2.png': blue,
      ...Object.fromEntries(junk.map((path) => [path, green])),
    });
    const { report } = await importInto(store, { files, maxRefused: 0 });
    expect(report.accepted).toBe(2);
    expect(report.classes.map(({ label }) => label)).toEqual(['a', 'b']);
    expect(report.refused.map(({ path, code }) => [path, code])).toEqual(junk.sort().map((path) => [path, 'OS_JUNK']));
  });

  it('names what is wrong with each file that it does not take', async () => {
    const store = newStore();
    const odd = ['empty.jpg', 'text.jpg', 'icon.svg', 'truncated.jpg', 'bit-rot.jpg', 'bomb-30000x30000.png'];
    const bytes = await Promise.all(odd.map(async (name) => [`a/${name}`, await readFixture(`odd-images/${name}`)]));
    const files = await uploadBytes(store, {
      ...Object.fromEntries(bytes),
      'a/drawing.avif': disguisedSvg,
      'root.png': red,
      'a/1.png': red,
      'b/deep/er/2.png': blue,
    });
    const lost = { path: 'a/lost.png', size: 10, sha256: 'f'.repeat(64) };
    const huge = { path: 'a/film.mp4', size: 5e9, sha256: 'e'.repeat(64) };
    const { report } = await importInto(store, { files: [...files, lost, huge], maxRefused: 1 });
    expect(report.refused.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'a/bit-rot.jpg IMAGE_UNREADABLE',
      'a/bomb-30000x30000.png IMAGE_TOO_LARGE',
      'a/drawing.avif IMAGE_FORMAT_UNSUPPORTED',
      'a/empty.jpg IMAGE_EMPTY',
      'a/film.mp4 FILE_TOO_LARGE',
      'a/icon.svg IMAGE_FORMAT_UNSUPPORTED',
      'a/lost.png FILE_MISSING',
      'a/text.jpg IMAGE_FORMAT_UNSUPPORTED',
      'a/truncated.jpg IMAGE_TRUNCATED',
      'root.png NO_CLASS',
    ]);
    for (const { message } of report.refused) expect(message).toMatch(/^[A-Z].*\.$/s);
    expect(report.classes).toEqual([
      { label: 'a', images: 1 },
      { label: 'b', images: 1 },
    ]);
  });

  it.each([
    { name: 'another size', change: (bytes: Uint8Array) => bytes.subarray(1) },
    { name: 'other bytes', change: (bytes: Uint8Array) => bytes.toReversed() },
  ])('refuses a file that arrived with $name than announced', async ({ change }) => {
    const store = newStore();
    const files = await uploadBytes(store, { 'a/1.png': red, 'b/2.png': blue });
    await store.put(blobKey(files[0]?.sha256 ?? ''), change(red));
    const { report } = await importInto(store, { files, maxRefused: 1 });
    expect(report.refused).toMatchObject([{ path: 'a/1.png', code: 'FILE_CHANGED' }]);
  });

  it('notices that a file known from before is no longer there', async () => {
    const store = newStore();
    const files = await uploadBytes(store, { 'a/1.png': red, 'b/2.png': blue });
    await importInto(store, { files });
    await store.delete(blobKey(files[0]?.sha256 ?? ''));
    const { report } = await importInto(store, { files, maxRefused: 1 });
    expect(report.refused).toMatchObject([{ path: 'a/1.png', code: 'FILE_MISSING' }]);
  });

  it('fails with the whole list when more is refused than allowed, and nothing is visible', async () => {
    const store = newStore();
    const texts = Object.fromEntries(Array.from({ length: 2 }, (_, i) => [`a/${i}.txt`, Buffer.from(`text ${i}`)]));
    const files = await uploadBytes(store, { 'a/1.png': red, 'b/2.png': blue, ...texts });
    const failed = importInto(store, { files, maxRefused: 0.49 });
    await expect(failed).rejects.toMatchObject({
      code: 'TOO_MANY_REFUSED',
      expected: 'at most 1 of 4 files refused',
      received: [{ path: 'a/0.txt', code: 'IMAGE_FORMAT_UNSUPPORTED' }, { path: 'a/1.txt' }],
    });
    expect(await listDatasets(store, { limit: 10 })).toEqual({ datasets: [] });
    await expect(importInto(store, { files, maxRefused: 0.5 })).resolves.toMatchObject({ report: { accepted: 2 } });
  });

  it('counts files that were not sent, and says how many are not in the list', async () => {
    const store = newStore();
    const files = await uploadBytes(store, { 'a/1.png': red, 'b/2.png': blue });
    const unsent = { refused: [{ path: 'a/3.png', code: 'LINK_NOT_FOLLOWED', message: 'A link.' }], omitted: 1 };
    await expect(importInto(store, { files, unsent, maxRefused: 0.49 })).rejects.toMatchObject({
      code: 'TOO_MANY_REFUSED',
      expected: 'at most 1 of 4 files refused',
      received: unsent.refused,
      omitted: 1,
    });
    expect((await importInto(store, { files, unsent, maxRefused: 0.5 })).report.refused).toEqual(unsent.refused);
  });

  it.each([
    { name: 'no file at all', files: {}, code: 'DATASET_EMPTY' },
    { name: 'only files of the operating system', files: { 'a/.DS_Store': Buffer.from('x') }, code: 'DATASET_EMPTY' },
  ])('fails with $code for $name', async ({ files, code }) => {
    const store = newStore();
    await expect(importInto(store, { files: await uploadBytes(store, files), maxRefused: 1 })).rejects.toMatchObject({ code });
  });

  it('keeps equal files and reports them', async () => {
    const store = newStore();
    const files = await uploadBytes(store, {
      'a/1.png': red,
      'a/2.png': red,
      'a/3.png': blue,
      'b/4.png': blue,
      'b/5.png': green,
    });
    const { report } = await importInto(store, { files });
    expect(report.accepted).toBe(5);
    expect(report.duplicates).toEqual([
      { paths: ['a/1.png', 'a/2.png'], kind: 'same-class' },
      { paths: ['a/3.png', 'b/4.png'], kind: 'across-classes' },
    ]);
    expect(report.warnings).toContainEqual({
      code: 'LABELS_CONFLICT',
      message: expect.stringContaining('a/3.png (a), b/4.png (b)'),
    });
  });

  it('names twenty findings of a kind, and counts the others', async () => {
    const store = newStore();
    const paths = Array.from({ length: 23 }, (_, index) => `class ${index}/1.png`);
    const files = await uploadBytes(store, Object.fromEntries(paths.map((path) => [path, red])));
    const { report } = await importInto(store, { files });
    const single = report.warnings.filter(({ code }) => code === 'CLASS_WITH_ONE_IMAGE');
    expect(single).toHaveLength(21);
    expect(single.at(-1)?.message).toContain('3 more');
  });

  it('warns of labels that differ only by case or spaces, naming them', async () => {
    const store = newStore();
    const files = await uploadBytes(store, { 'Cat/1.png': red, 'cat /2.png': blue, 'cat/3.png': green, 'dog/4.png': red });
    const { report } = await importInto(store, { files });
    expect(report.classes.map(({ label }) => label)).toEqual(['Cat', 'cat', 'cat ', 'dog']);
    expect(report.warnings).toContainEqual({
      code: 'LABELS_SIMILAR',
      message: expect.stringContaining('"Cat" and "cat" and "cat "'),
    });
  });

  it.each([
    { name: 'a class with one image', paths: ['a/1', 'b/2', 'b/3'], code: 'CLASS_WITH_ONE_IMAGE', says: '"a"' },
    { name: 'a class with few images', paths: ['a/1', 'b/2', 'b/3'], code: 'CLASS_WITH_FEW_IMAGES', says: '"b" has 2 images' },
    { name: 'only one class', paths: ['a/1', 'a/2'], code: 'ONE_CLASS_ONLY', says: '"a"' },
    { name: 'tiny images', paths: ['a/1', 'b/2'], code: 'IMAGES_TINY', says: 'such as a/1 of 8 x 8' },
  ])('warns of $name', async ({ paths, code, says }) => {
    const store = newStore();
    const files = await uploadBytes(store, Object.fromEntries(paths.map((path) => [path, red])));
    const { report } = await importInto(store, { files });
    expect(report.warnings).toContainEqual({ code, message: expect.stringContaining(says) });
  });

  it.each([
    { lines: ['a.png,x', 'b.png,x'], column: 'label', says: 'All images are "x": a training makes a detector' },
    { lines: ['a.png,x', 'b.png,'], column: 'label', says: 'All labelled images are "x": training needs a second class' },
    { lines: ['a.png,x', 'b.png,'], column: 'labels', says: 'The only label is "x", and some images do not have it' },
    { lines: ['a.png,', 'b.png,'], column: 'labels', says: 'No image has a label' },
  ])('of $lines in a manifest of $column, it warns: $says', async ({ lines, column, says }) => {
    const store = newStore();
    const manifest = Buffer.from([`path,${column}`, ...lines].join('\n'));
    const files = await uploadBytes(store, { 'a.png': red, 'b.png': blue, 'manifest.csv': manifest });
    const { report } = await importInto(store, { files });
    expect(report.warnings.filter(({ code }) => code === 'ONE_CLASS_ONLY')).toEqual([
      { code: 'ONE_CLASS_ONLY', message: expect.stringContaining(says) },
    ]);
  });

  it('takes a file listed twice once, and refuses another file under the same path', async () => {
    const store = newStore();
    const [one, two] = [await uploadBytes(store, { 'a/é.png': red }), await uploadBytes(store, { 'a/é.png': blue })];
    const decomposed = one.map((file) => ({ ...file, path: file.path.normalize('NFD') }));
    const { report } = await importInto(store, { files: [...one, ...one, ...decomposed, ...two], maxRefused: 1 });
    expect(report.accepted).toBe(1);
    expect(report.refused).toMatchObject([{ path: 'a/é.png', code: 'NAME_TAKEN' }]);
  });

  it('refuses a path that composed Unicode makes too long', async () => {
    const store = newStore();
    const long = `a/${'\u0958'.repeat(600)}.png`;
    const files = await uploadBytes(store, { [long]: red, 'a/2.png': blue });
    const { report } = await importInto(store, { files, maxRefused: 1 });
    expect(report.refused).toMatchObject([{ path: long.normalize('NFC'), code: 'PATH_TOO_LONG' }]);
    expect([...(await openDataset('pictures', store)).rows].map(({ path }) => path)).toEqual(['a/2.png']);
  });

  it('makes what is imported last the latest version, and never enters one twice', async () => {
    const store = newStore();
    const one = await importInto(store, { files: await uploadBytes(store, { 'a/1.png': red, 'b/2.png': blue }) });
    const two = await importInto(store, { files: await uploadBytes(store, { 'a/1.png': red, 'b/2.png': green }) });
    expect(await versions(store)).toEqual([one.digest, two.digest]);
    const files = await uploadBytes(store, { 'a/1.png': red, 'b/2.png': blue });
    await importInto(store, { files });
    await importInto(store, { files });
    expect(await versions(store)).toEqual([two.digest, one.digest]);
  });

  it('shows a whole version or none, whichever write fails, and completes it when asked again', async () => {
    for (let others = 0; ; others++) {
      const store = newStore();
      const files = await uploadBytes(store, { 'a/1.png': red, 'b/2.png': blue });
      const failure = await importInto(failingAtWrite(store, others), { files }).then(
        () => undefined,
        (error) => error,
      );
      for (const { name } of (await listDatasets(store, { limit: 10 })).datasets) {
        expect(await openDataset(name, store)).toMatchObject({ labels: ['a', 'b'] });
        expect(await readReport(name, store)).toMatchObject({ accepted: 2 });
      }
      const { digest } = await importInto(store, { files });
      expect(await openDataset('pictures', store)).toMatchObject({ digest, labels: ['a', 'b'] });
      if (failure !== undefined) expect(failure).toMatchObject({ code: 'STORE_FULL' });
      // The checks, the announcement, the manifest, the report and the record, besides those of the upload.
      else return expect(others).toBeGreaterThanOrEqual(8);
    }
  });

  it('says how far it is', async () => {
    const store = newStore();
    const files = await uploadBytes(store, { 'a/1.png': red, 'b/2.png': blue });
    const seen: string[] = [];
    await importInto(store, { files }, { onProgress: (done, total) => seen.push(`${done}/${total}`) });
    expect(seen).toEqual(['1/2', '2/2']);
  });

  it('loses no version when several imports into one name end at once', async () => {
    const store = newStore();
    const uploads = await Promise.all(
      ['1.png', '2.png', '3.png'].map((name) => uploadBytes(store, { [`a/${name}`]: red, [`b/${name}`]: blue })),
    );
    const imports = await Promise.all(uploads.map((files) => importInto(store, { files })));
    expect((await versions(store)).toSorted()).toEqual(imports.map(({ digest }) => digest).toSorted());
  });
});

function newStore(): ObjectStore {
  return openFileStore({ directory: temporaryFolder(), clock });
}

function importInto(
  store: ObjectStore,
  given: Partial<StoredFiles> & Pick<StoredFiles, 'files'>,
  { log = () => {}, ...options }: CheckOptions & { readonly log?: Log } = {},
) {
  return importStored({ name: 'pictures', maxRefused: 0.05, ...given }, { store, clock, log }, options);
}

async function picture(background: string): Promise<Uint8Array> {
  return sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toBuffer();
}

async function versions(store: ObjectStore): Promise<string[]> {
  const { datasets } = await listDatasets(store, { limit: 10 });
  return datasets.flatMap((dataset) => dataset.versions.map(({ digest }) => digest));
}

/** A store that fails at one write, after this many others. */
function failingAtWrite(store: ObjectStore, others: number): ObjectStore {
  let writes = 0;
  const put: ObjectStore['put'] = async (...args) => {
    if (writes++ === others) throw new CapacityError('STORE_FULL');
    return store.put(...args);
  };
  return { ...store, put };
}
