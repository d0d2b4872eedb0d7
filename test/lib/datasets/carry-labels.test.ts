import { describe, expect, it } from 'vitest';
import { setLabels } from '../../../lib/datasets/set-labels.ts';
import { readVersions } from '../../../lib/datasets/versions/dataset-store.ts';
import { listImages } from '../../../lib/datasets/versions/list-images.ts';
import { readManifest } from '../../../lib/datasets/versions/manifest.ts';
import { readOrigins, writeOrigins } from '../../../lib/datasets/versions/report-store.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { imageNumber } from '../../support/datasets/import-files.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { watchedStore } from '../../support/watched-store.ts';

const images = await Promise.all(Array.from({ length: 8 }, (_, number) => imageNumber(number)));

function system() {
  const clock = manualClock();
  const store = openFileStore({ directory: temporaryFolder(), clock });
  const world = { store, clock };
  const load = async (
    files: Readonly<Record<string, Uint8Array | string>>,
    { name = 'pictures', store: into = store }: { readonly name?: string; readonly store?: ObjectStore } = {},
  ) => {
    const bytes = Object.fromEntries(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
    return importStored({ name, files: await uploadBytes(store, bytes) }, { store: into, clock });
  };
  const rowsOf = async (digest: string) => [...(await readManifest(digest, store))];
  return { world, store, load, rowsOf };
}

const pool = Object.fromEntries(images.slice(0, 6).map((bytes, number) => [`${number}.png`, bytes]));

describe('an import of images that the data set has already', () => {
  it('keeps the labels, sets and origins of images that come without a label', async () => {
    const { world, load, rowsOf } = system();
    await load(pool);
    const labels = [
      { image: '0.png', labels: ['cat'], source: 'person' as const },
      { image: '1.png', labels: ['dog'], source: 'suggestion' as const },
    ];
    const { digest } = await setLabels('pictures', { labels }, world);
    const before = await rowsOf(digest);
    const { digest: after } = await load({ ...pool, '6.png': images[6]!, 'copy.png': images[1]! });
    const found = new Map((await rowsOf(after)).map((row) => [row.path, row]));
    for (const row of before) expect(found.get(row.path)).toEqual(row);
    expect(found.get('copy.png')).toMatchObject({ labels: ['dog'], split: before[1]!.split });
    expect(found.get('6.png')).toMatchObject({ unlabelled: true, labels: [] });
    const listed = await listImages('pictures', world, { unlabelled: false, limit: 10 });
    expect(listed.images.map(({ path, labelled }) => [path, labelled?.source])).toEqual([
      ['0.png', 'person'],
      ['1.png', 'suggestion'],
      ['copy.png', 'suggestion'],
    ]);
  });

  it('gives a new copy of several images the first confirmed label, else the first label', async () => {
    const { world, load, rowsOf } = system();
    const copies = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.png`, images[7]!]));
    const labelOfCopy = async () => {
      const { digest } = await load({ ...pool, ...copies, 'new.png': images[7]! });
      const row = (await rowsOf(digest)).find(({ path }) => path === 'new.png');
      await load({ ...pool, ...copies });
      return row?.labels;
    };
    const set = (image: string, label: string, confirmed?: true) =>
      setLabels('pictures', { labels: [{ image, labels: [label], source: 'person', ...(confirmed && { confirmed }) }] }, world);
    await load({ ...pool, ...copies });
    expect(await labelOfCopy()).toEqual([]);
    await set('b.png', 'cat');
    await set('c.png', 'bird');
    expect(await labelOfCopy()).toEqual(['cat']);
    await set('d.png', 'dog', true);
    expect(await labelOfCopy()).toEqual(['dog']);
  });

  it('keeps confirmations with the labels', async () => {
    const { world, load, rowsOf } = system();
    await load(pool);
    const labels = [{ image: '0.png', labels: ['cat'], source: 'person' as const, confirmed: true }];
    await setLabels('pictures', { labels }, world);
    const { digest } = await load({ ...pool, '6.png': images[6]! });
    expect((await rowsOf(digest)).flatMap(({ path, confirmed }) => (confirmed ? path : []))).toEqual(['0.png']);
  });

  it('keeps confirmations of labels that the import brings again, also under another name, and of no others', async () => {
    const { world, load, rowsOf } = system();
    const folder = (label: string, numbers: readonly number[]) =>
      Object.fromEntries(numbers.map((number) => [`${label}/${number}.png`, images[number]!]));
    await load({ ...folder('cat', [0, 1, 2]), ...folder('dog', [3]) });
    const labels = [0, 1, 2].map((n) => ({
      image: `cat/${n}.png`,
      labels: ['cat'],
      source: 'person' as const,
      confirmed: true,
    }));
    const { digest: before } = await setLabels('pictures', { labels }, world);
    expect((await load({ ...folder('cat', [0, 1, 2]), ...folder('dog', [3]) })).digest).toBe(before);
    const { digest } = await load({ ...folder('cat', [0, 4]), 'cat/new.png': images[1]!, ...folder('dog', [2, 3]) });
    expect((await rowsOf(digest)).map(({ path, confirmed }) => [path, confirmed])).toEqual([
      ['cat/0.png', true],
      ['cat/4.png', undefined],
      ['cat/new.png', true],
      ['dog/2.png', undefined],
      ['dog/3.png', undefined],
    ]);
    const origins = async () =>
      (await listImages('pictures', world, { limit: 10 })).images.flatMap(({ path, labelled }) => (labelled ? path : []));
    expect(await origins()).toEqual(['cat/0.png', 'cat/new.png']);
    await setLabels('pictures', { labels: labels.slice(0, 1).map((label) => ({ ...label, confirmed: false })) }, world);
    expect(await origins()).toEqual(['cat/new.png']);
  });

  it('keeps a confirmation that is set while an import with labels runs', async () => {
    const { world, store, load, rowsOf } = system();
    const classes = { 'cat/0.png': images[0]!, 'dog/1.png': images[1]! };
    await load(classes);
    let isSet = false;
    const put: ObjectStore['put'] = async (key, ...rest) => {
      if (key.includes('manifest') && !isSet) {
        isSet = true;
        const labels = [{ image: 'cat/0.png', labels: ['cat'], source: 'person' as const, confirmed: true }];
        await setLabels('pictures', { labels }, world);
      }
      return store.put(key, ...rest);
    };
    const { digest } = await load({ ...classes, 'dog/2.png': images[2]! }, { store: { ...store, put } });
    expect(isSet).toBe(true);
    expect((await rowsOf(digest))[0]).toMatchObject({ path: 'cat/0.png', confirmed: true });
  });

  it('makes no version if nothing but the labels would differ', async () => {
    const { world, store, load } = system();
    await load(pool);
    const { digest } = await setLabels('pictures', { labels: [{ image: '0.png', labels: ['cat'], source: 'person' }] }, world);
    expect((await load(pool)).digest).toBe(digest);
    expect(await readVersions('pictures', store)).toHaveLength(2);
  });

  it('never draws an image for the test set that the import gave a label before', async () => {
    const { load, rowsOf } = system();
    const classes = Object.fromEntries(images.map((bytes, number) => [`cat/${number}.png`, bytes]));
    await load(classes);
    const { digest } = await load(Object.fromEntries(images.map((bytes, number) => [`${number}.png`, bytes])));
    expect((await rowsOf(digest)).map(({ labels, split }) => [labels, split])).toEqual(images.map(() => [['cat'], undefined]));
  });

  it('takes the labels and the set of the import where it has them', async () => {
    const { world, load, rowsOf } = system();
    await load(pool);
    await setLabels('pictures', { labels: [{ image: '0.png', labels: ['cat'], source: 'person' }] }, world);
    const manifest = 'path,label,split\n0.png,dog,\n1.png,,validation\n';
    const { digest } = await load({ 'manifest.csv': manifest, '0.png': images[0]!, '1.png': images[1]! });
    expect(await rowsOf(digest)).toMatchObject([{ labels: ['dog'] }, { unlabelled: true, split: 'validation' }]);
  });

  it('loses no label that is set while the import runs', async () => {
    const { world, store, load, rowsOf } = system();
    await load(pool);
    let isSet = false;
    const put: ObjectStore['put'] = async (key, ...rest) => {
      if (key.includes('manifest') && !isSet) {
        isSet = true;
        await setLabels('pictures', { labels: [{ image: '0.png', labels: ['cat'], source: 'person' }] }, world);
      }
      return store.put(key, ...rest);
    };
    const { digest } = await load({ ...pool, '6.png': images[6]! }, { store: { ...store, put } });
    expect(isSet).toBe(true);
    expect((await rowsOf(digest)).find(({ path }) => path === '0.png')).toMatchObject({ labels: ['cat'] });
    expect((await readVersions('pictures', store)).at(-1)?.digest).toBe(digest);
  });
});

describe('an import of images whose labels were set after an earlier import', () => {
  const classes = {
    ...Object.fromEntries([0, 1, 2].map((number) => [`daisy/${number}.png`, images[number]!])),
    ...Object.fromEntries([3, 4, 5].map((number) => [`tulip/${number}.png`, images[number]!])),
  };
  const byPerson = (image: string, labels: string[] | null, confirmed?: boolean) => ({
    image,
    labels,
    source: 'person' as const,
    ...(confirmed !== undefined && { confirmed }),
  });
  const aboutLabels = ({ warnings }: { warnings: readonly { code: string; message: string }[] }) =>
    warnings.filter(({ code }) => code === 'LABELS_KEPT' || code === 'LABELS_REPLACED');
  const labelsOf = (rows: readonly { path: string; labels: readonly string[] }[]) =>
    Object.fromEntries(rows.map(({ path, labels }) => [path, labels.join(' ')]));

  it('keeps them if it names the same labels as the earlier one, as often as it comes', async () => {
    const { world, store, load } = system();
    const first = await load(classes);
    expect(aboutLabels(first.report)).toEqual([]);
    expect((await load(classes)).digest).toBe(first.digest);
    const labels = [
      byPerson('daisy/0.png', ['tulip']),
      { ...byPerson('tulip/3.png', ['daisy']), source: 'suggestion' as const },
      byPerson('daisy/1.png', ['rose'], true),
    ];
    const { digest } = await setLabels('pictures', { labels }, world);
    const message =
      'Labels that were set after an import are kept for 3 of 6 images, such as daisy/0.png (tulip; in this import daisy). ' +
      'For the labels of this import, import it under another name.';
    for (let time = 0; time < 2; time++) {
      const again = await load(classes);
      expect(again.digest).toBe(digest);
      expect(aboutLabels(again.report)).toEqual([{ code: 'LABELS_KEPT', message }]);
    }
    expect(await readVersions('pictures', store)).toHaveLength(2);
    const other = await load(classes, { name: 'others' });
    expect(other.digest).toBe(first.digest);
    expect(aboutLabels(other.report)).toEqual([]);
  });

  it('keeps them with their confirmations and origins beside new images, and under other names', async () => {
    const { world, load, rowsOf } = system();
    await load(classes);
    await setLabels(
      'pictures',
      { labels: [byPerson('daisy/0.png', ['tulip']), byPerson('daisy/1.png', ['tulip'], true)] },
      world,
    );
    const { 'daisy/0.png': renamed, ...others } = classes;
    const moved = { ...others, 'daisy/renamed.png': renamed!, 'tulip/6.png': images[6]! };
    for (const files of [moved, { ...moved, 'tulip/7.png': images[7]! }]) {
      const { digest, report } = await load(files);
      expect(aboutLabels(report)).toMatchObject([{ code: 'LABELS_KEPT', message: expect.stringContaining('for 2 of') }]);
      const rows = await rowsOf(digest);
      expect(labelsOf(rows)).toMatchObject({ 'daisy/renamed.png': 'tulip', 'daisy/1.png': 'tulip', 'daisy/2.png': 'daisy' });
      expect(rows.flatMap(({ path, confirmed }) => (confirmed ? path : []))).toEqual(['daisy/1.png']);
      const { images: listed } = await listImages('pictures', world, { limit: 10 });
      expect(listed.flatMap(({ path, labelled }) => (labelled ? path : []))).toEqual(['daisy/1.png', 'daisy/renamed.png']);
    }
  });

  it('keeps those of one of two equal images if both have other names', async () => {
    const equal = (name: string) => ({ [`daisy/${name}-a.png`]: images[6]!, [`daisy/${name}-b.png`]: images[6]! });
    for (const labels of [['tulip'], null]) {
      const { world, load, rowsOf } = system();
      await load({ ...classes, ...equal('first') });
      await setLabels('pictures', { labels: [byPerson('daisy/first-b.png', labels)] }, world);
      const { digest, report } = await load({ ...classes, ...equal('second') });
      const label = labels?.[0] ?? '';
      const renamed = { 'daisy/second-a.png': label, 'daisy/second-b.png': label };
      expect(labelsOf(await rowsOf(digest))).toMatchObject(renamed);
      expect(aboutLabels(report)).toMatchObject([{ code: 'LABELS_KEPT', message: expect.stringContaining('for 2 of 8') }]);
    }
  });

  it('has precedence if it names other labels than the earlier one, and says which ones it replaces', async () => {
    const { world, load, rowsOf } = system();
    await load(classes);
    const labels = [
      byPerson('daisy/0.png', ['tulip']),
      byPerson('daisy/1.png', ['rose']),
      byPerson('tulip/3.png', ['tulip'], true),
      byPerson('tulip/4.png', ['daisy']),
    ];
    const { digest: before } = await setLabels('pictures', { labels }, world);
    const files = Object.fromEntries(images.slice(0, 6).map((bytes, number) => [`${number}.png`, bytes]));
    const manifest = 'path,label\n0.png,rose\n1.png,daisy\n2.png,daisy\n3.png,daisy\n4.png,daisy\n5.png,tulip\n';
    const { digest, report } = await load({ ...files, 'manifest.csv': manifest });
    expect(labelsOf(await rowsOf(digest))).toEqual({
      '0.png': 'rose',
      '1.png': 'rose',
      '2.png': 'daisy',
      '3.png': 'daisy',
      '4.png': 'daisy',
      '5.png': 'tulip',
    });
    expect(aboutLabels(report)).toEqual([
      {
        code: 'LABELS_KEPT',
        message: expect.stringContaining('for 1 of 6 images, such as 1.png (rose; in this import daisy)'),
      },
      {
        code: 'LABELS_REPLACED',
        message:
          'Labels that were set after an import are replaced for 2 of 6 images, such as 0.png (tulip; now rose), because ' +
          `this import names other labels than the last one. The replaced labels are in pictures@${before}.`,
      },
    ]);
    const { images: listed } = await listImages('pictures', world, { limit: 10 });
    expect(listed.flatMap(({ path, labelled }) => (labelled ? path : []))).toEqual(['1.png']);
  });

  it('leaves images without a label whose labels were removed', async () => {
    const { world, load, rowsOf } = system();
    await load(classes);
    const { digest } = await setLabels('pictures', { labels: [byPerson('daisy/0.png', null)] }, world);
    const again = await load(classes);
    expect(again.digest).toBe(digest);
    expect(aboutLabels(again.report)).toMatchObject([{ message: expect.stringContaining('daisy/0.png (no label; in this') }]);
    expect((await rowsOf(digest))[0]).toMatchObject({ path: 'daisy/0.png', unlabelled: true, split: 'train' });
    expect((await listImages('pictures', world, { limit: 1 })).images[0]).not.toHaveProperty('labelled.source');
    await setLabels('pictures', { labels: [byPerson('daisy/0.png', ['tulip'])] }, world);
    const { digest: after } = await load(classes);
    expect((await rowsOf(after))[0]).toMatchObject({ labels: ['tulip'], split: 'train' });
  });

  it('sets the labels of images that came without any before', async () => {
    const { world, load, rowsOf } = system();
    await load(pool);
    await setLabels('pictures', { labels: [byPerson('0.png', ['tulip']), byPerson('1.png', ['tulip'])] }, world);
    await setLabels('pictures', { labels: [byPerson('1.png', null)] }, world);
    const { digest, report } = await load(classes);
    expect(labelsOf(await rowsOf(digest))).toMatchObject({ 'daisy/0.png': 'daisy', 'daisy/1.png': 'daisy' });
    expect(aboutLabels(report)).toMatchObject([{ code: 'LABELS_REPLACED', message: expect.stringContaining('for 1 of 6') }]);
  });

  it('keeps labels of which an earlier release did not store what the import had named', async () => {
    const { world, store, load } = system();
    await load(classes);
    const { digest } = await setLabels('pictures', { labels: [byPerson('daisy/0.png', ['tulip'])] }, world);
    const at = world.clock.now().toISOString();
    await writeOrigins({ name: 'pictures', digest }, new Map([['daisy/0.png', { source: 'person', at }]]), store);
    const again = await load(classes);
    expect(again.digest).toBe(digest);
    expect(aboutLabels(again.report)).toMatchObject([{ code: 'LABELS_KEPT' }]);
    // From this import on, it is known.
    const { 'daisy/0.png': renamed, ...others } = classes;
    const { report } = await load({ ...others, 'rose/0.png': renamed! });
    expect(aboutLabels(report)).toMatchObject([{ code: 'LABELS_REPLACED' }]);
  });

  it('keeps a correction that gives the version of an earlier import, before which the import had named another label', async () => {
    const { world, load, rowsOf } = system();
    const manifest = (label: string) => ({ '0.png': images[0]!, 'manifest.csv': `path,label\n0.png,${label}\n` });
    await load(manifest('daisy'));
    const { digest } = await setLabels('pictures', { labels: [byPerson('0.png', ['tulip'])] }, world);
    const replacing = await load(manifest('rose'));
    expect(aboutLabels(replacing.report)).toMatchObject([{ code: 'LABELS_REPLACED' }]);
    expect((await setLabels('pictures', { labels: [byPerson('0.png', ['tulip'])] }, world)).digest).toBe(digest);
    for (let time = 0; time < 2; time++) {
      const again = await load(manifest('rose'));
      expect(labelsOf(await rowsOf(again.digest))).toEqual({ '0.png': 'tulip' });
      expect(aboutLabels(again.report)).toMatchObject([{ code: 'LABELS_KEPT' }]);
    }
  });

  it('keeps such a correction also if the store fails once its version is the latest one, and the request is repeated', async () => {
    const { world, store, load, rowsOf } = system();
    const manifest = (label: string) => ({ '0.png': images[0]!, 'manifest.csv': `path,label\n0.png,${label}\n` });
    await load(manifest('daisy'));
    const tulip = { labels: [byPerson('0.png', ['tulip'])] };
    const { digest } = await setLabels('pictures', tulip, world);
    await load(manifest('rose'));
    const failing = watchedStore(store, async (_, name, [key]) => {
      const isOfOrigins = name.startsWith('put') && String(key).endsWith('.labels.json');
      const isEntered = isOfOrigins && (await readVersions('pictures', store)).at(-1)?.digest === digest;
      if (isEntered) throw new RuntimeError('STORE_FAILED', { received: 'a broken connection', retryable: true });
    });
    await setLabels('pictures', tulip, { ...world, store: failing }).catch(() => {});
    expect((await setLabels('pictures', tulip, world)).digest).toBe(digest);
    const again = await load(manifest('rose'));
    expect(labelsOf(await rowsOf(again.digest))).toEqual({ '0.png': 'tulip' });
  });

  it('has precedence if the import before it named the corrected label, which gave the version of the correction', async () => {
    const { world, store, load, rowsOf } = system();
    const manifest = (label: string) => ({ '0.png': images[0]!, 'manifest.csv': `path,label\n0.png,${label}\n` });
    await load(manifest('daisy'));
    const { digest } = await setLabels('pictures', { labels: [byPerson('0.png', ['tulip'])] }, world);
    expect((await load(manifest('tulip'))).digest).toBe(digest);
    expect(await readOrigins({ name: 'pictures', digest }, store)).toEqual(new Map());
    const after = await load(manifest('daisy'));
    expect(labelsOf(await rowsOf(after.digest))).toEqual({ '0.png': 'daisy' });
    expect(aboutLabels(after.report)).toEqual([]);
  });

  it('counts a label as replaced only if no copy of the image keeps it', async () => {
    const { world, load, rowsOf } = system();
    await load(classes);
    await setLabels('pictures', { labels: [byPerson('daisy/0.png', ['tulip'])] }, world);
    const { digest, report } = await load({ ...classes, 'rose/copy.png': images[0]! });
    expect(labelsOf(await rowsOf(digest))).toMatchObject({ 'daisy/0.png': 'tulip', 'rose/copy.png': 'rose' });
    expect(aboutLabels(report).map(({ code }) => code)).toEqual(['LABELS_KEPT']);
  });

  it('keeps several labels of an image, unless the import has come down to one label for each', async () => {
    const { world, load, rowsOf } = system();
    const two = { '0.png': images[0]!, '1.png': images[1]! };
    await load({ ...two, 'manifest.csv': 'path,labels\n0.png,red\n1.png,red|round\n' });
    const { digest } = await setLabels('pictures', { labels: [byPerson('0.png', ['round', 'red'])] }, world);
    const again = await load({ ...two, 'manifest.csv': 'path,labels\n0.png,red\n1.png,round|red\n' });
    expect(again.digest).toBe(digest);
    expect(aboutLabels(again.report)).toMatchObject([{ message: expect.stringContaining('0.png (red, round; in this') }]);
    const { digest: single, report } = await load({ ...two, 'manifest.csv': 'path,label\n0.png,red\n1.png,round\n' });
    expect(labelsOf(await rowsOf(single))).toEqual({ '0.png': 'red', '1.png': 'round' });
    expect(report.task).toBe('single-label');
    expect(aboutLabels(report).map(({ code }) => code)).toEqual(['LABELS_REPLACED']);
  });
});
