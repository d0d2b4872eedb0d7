import { describe, expect, it } from 'vitest';
import type { ImageLabel } from '../../../lib/contracts/dataset-http.ts';
import { setLabels } from '../../../lib/datasets/set-labels.ts';
import { openDataset, readVersions, recordDocument } from '../../../lib/datasets/versions/dataset-store.ts';
import { diffVersions } from '../../../lib/datasets/versions/diff-versions.ts';
import { listImages } from '../../../lib/datasets/versions/list-images.ts';
import { readManifest } from '../../../lib/datasets/versions/manifest.ts';
import { readOrigins, readReport } from '../../../lib/datasets/versions/report-store.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { changeDocument } from '../../../lib/store/documents.ts';
import { imageNumber } from '../../support/datasets/import-files.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

const images = await Promise.all(Array.from({ length: 30 }, (_, number) => imageNumber(number)));
const label = (image: string, labels: string[] | null, source: ImageLabel['source'] = 'person'): ImageLabel => ({
  image,
  labels,
  source,
});

/** Thirty images without folders: `00.png` to `29.png`. */
const pool = Object.fromEntries(images.map((bytes, number) => [`${String(number).padStart(2, '0')}.png`, bytes]));

async function opened(files: Readonly<Record<string, Uint8Array | string>> = pool) {
  const clock = manualClock();
  const store = openFileStore({ directory: temporaryFolder(), clock });
  const bytes = Object.fromEntries(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
  const listing = await uploadBytes(store, bytes);
  const { report, digest } = await importStored({ name: 'pictures', files: listing }, { store, clock });
  return { world: { store, clock }, report, digest, rows: [...(await readManifest(digest, store))] };
}

describe('an upload of images without labels', () => {
  it('waits for labels, with a share of test images that was drawn before any label', async () => {
    const { report, rows, world } = await opened();
    expect(report).toMatchObject({ accepted: 30, unlabelled: 30, classes: [], refused: [], task: 'single-label' });
    expect(report.warnings.map(({ code }) => code)).toEqual(['IMAGES_UNLABELLED']);
    expect(rows.every(({ labels, unlabelled }) => labels.length === 0 && unlabelled === true)).toBe(true);
    const test = rows.filter(({ split }) => split === 'test');
    expect(test.length).toBeGreaterThan(0);
    expect(test.length).toBeLessThan(rows.length / 2);
    expect(test.map(({ sha256 }) => sha256 < '33333333')).not.toContain(false);
    expect(rows.filter(({ split }) => split === 'train')).toHaveLength(rows.length - test.length);
    expect((await openDataset('pictures', world.store)).rows).toHaveLength(0);
    expect((await openDataset('pictures', world.store)).unlabelled).toBe(30);
  });

  it('can come beside class folders, in a folder named unlabelled', async () => {
    const { report, rows } = await opened({ 'cat/a.png': images[0]!, 'Unlabeled/b.png': images[1]!, 'dog/c.png': images[2]! });
    expect(report).toMatchObject({ unlabelled: 1, classes: [{ label: 'cat' }, { label: 'dog' }] });
    expect(rows.map(({ path, unlabelled }) => [path, unlabelled])).toEqual([
      ['Unlabeled/b.png', true],
      ['cat/a.png', undefined],
      ['dog/c.png', undefined],
    ]);
  });

  it.each([
    ['beside the folders of a split', { 'train/cat/a.png': 0, 'test/dog/b.png': 1, 'unlabelled/c.png': 2 }],
    ['in a folder of a split', { 'train/cat/a.png': 0, 'test/dog/b.png': 1, 'train/unlabeled/c.png': 2 }],
    ['below a folder unlabelled', { 'train/cat/a.png': 0, 'test/dog/b.png': 1, 'unlabelled/camera 1/c.png': 2 }],
    ['below a class', { 'cat/a.png': 0, 'dog/b.png': 1, 'dog/unlabelled/c.png': 2 }],
  ])('can come %s', async (_, paths) => {
    const { rows } = await opened(Object.fromEntries(Object.entries(paths).map(([path, number]) => [path, images[number]!])));
    const found = rows.map(({ path, labels, unlabelled }) => [path.slice(-5), unlabelled ?? labels.join()]).sort();
    expect(found).toEqual([
      ['a.png', 'cat'],
      ['b.png', 'dog'],
      ['c.png', true],
    ]);
  });

  it('can come with a manifest that leaves labels empty, and keeps the split of the manifest', async () => {
    const manifest = 'path,label,split\na.png,cat,\nb.png,,validation\nc.png,,\n';
    const { rows } = await opened({ 'manifest.csv': manifest, 'a.png': images[0]!, 'b.png': images[1]!, 'c.png': images[2]! });
    expect(rows).toMatchObject([
      { labels: ['cat'] },
      { labels: [], unlabelled: true, split: 'validation' },
      { labels: [], unlabelled: true, split: expect.stringMatching(/^(train|test)$/) },
    ]);
  });

  it('puts images with the same bytes into one set', async () => {
    const copies = Object.fromEntries(
      images.flatMap((bytes, number) => [
        [`a${number}.png`, bytes],
        [`b${number}.png`, bytes],
      ]),
    );
    const { rows, report } = await opened(copies);
    const parts = new Map(rows.map(({ sha256, split }) => [sha256, split]));
    expect(rows.every(({ sha256, split }) => parts.get(sha256) === split)).toBe(true);
    expect(report.duplicates.every(({ kind }) => kind.endsWith('same-class'))).toBe(true);
  });
});

describe('setLabels', () => {
  it('makes a version that differs only in its labels, and says who set them and when', async () => {
    const { world, digest, rows } = await opened();
    const sha256 = rows[1]!.sha256;
    const first = await setLabels('pictures', { base: digest, labels: [label('00.png', ['cat'])] }, world);
    expect(first).toMatchObject({ changed: 1, labelled: 1, unlabelled: 29, classes: [{ label: 'cat', images: 1 }] });
    const second = await setLabels('pictures', { labels: [label(sha256, ['dog'], 'suggestion')] }, world);
    const after = [...(await readManifest(second.digest, world.store))];
    const { unlabelled: _, ...cat } = rows[0]!;
    const { unlabelled: __, ...dog } = rows[1]!;
    expect(after).toEqual([{ ...cat, labels: ['cat'] }, { ...dog, labels: ['dog'] }, ...rows.slice(2)]);
    const at = world.clock.now().toISOString();
    const listed = await listImages('pictures', world, { unlabelled: false, limit: 10 });
    expect(listed.images).toMatchObject([
      { path: '00.png', labels: ['cat'], labelled: { source: 'person', at } },
      { path: '01.png', labels: ['dog'], labelled: { source: 'suggestion', at } },
    ]);
    expect((await listImages('pictures', world, { unlabelled: true, limit: 100 })).images).toHaveLength(28);
    expect((await readVersions('pictures', world.store)).map((version) => version.parent)).toEqual([
      undefined,
      digest,
      first.digest,
    ]);
    expect(await readReport('pictures', world.store)).toMatchObject({ unlabelled: 28, digest: second.digest });
  });

  it('comes back to the same version when a label is taken away again', async () => {
    const { world, digest } = await opened();
    await setLabels('pictures', { labels: [label('00.png', ['cat'])] }, world);
    const undone = await setLabels('pictures', { labels: [label('00.png', null)] }, world);
    expect(undone).toMatchObject({ digest, changed: 1, labelled: 0 });
    expect((await readVersions('pictures', world.store)).at(-1)?.digest).toBe(digest);
    const listed = await listImages('pictures', world, { limit: 100 });
    expect(listed.images.filter(({ labelled }) => labelled !== undefined)).toEqual([]);
  });

  it('changes nothing if another version is the latest, or an image is unknown', async () => {
    const { world, digest } = await opened();
    await setLabels('pictures', { base: digest, labels: [label('00.png', ['cat'])] }, world);
    const before = await readVersions('pictures', world.store);
    await expect(setLabels('pictures', { base: digest, labels: [label('01.png', ['cat'])] }, world)).rejects.toMatchObject({
      code: 'DATASET_VERSION_CHANGED',
      httpStatus: 409,
    });
    await expect(setLabels('pictures', { labels: [label('none.png', ['cat'])] }, world)).rejects.toMatchObject({
      code: 'LABEL_IMAGE_NOT_FOUND',
      received: ['none.png'],
    });
    expect(await setLabels('pictures', { labels: [label('00.png', ['cat'])] }, world)).toMatchObject({ changed: 0 });
    expect(await readVersions('pictures', world.store)).toEqual(before);
  });

  it('lets one of two requests at the same time win', async () => {
    const { world, digest } = await opened();
    const both = await Promise.allSettled(
      ['cat', 'dog'].map((name) => setLabels('pictures', { base: digest, labels: [label('00.png', [name])] }, world)),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'DATASET_VERSION_CHANGED' } });
    expect(await readVersions('pictures', world.store)).toHaveLength(2);
  });

  it('keeps an image of the import that loses its label out of the test set', async () => {
    const { world } = await opened({ 'cat/a.png': images[0]!, 'dog/b.png': images[1]! });
    const { digest } = await setLabels('pictures', { labels: [label('cat/a.png', null)] }, world);
    expect((await readManifest(digest, world.store)).at(0)).toMatchObject({ unlabelled: true, split: 'train' });
  });

  it('keeps all images of a group out of the test set if one of them loses its label', async () => {
    const { world } = await opened({
      'manifest.csv': 'path,label,group\na.png,cat,one\nb.png,dog,one\nc.png,cat,\n',
      'a.png': images[0]!,
      'b.png': images[1]!,
      'c.png': images[2]!,
    });
    const { digest } = await setLabels('pictures', { labels: [label('a.png', null)] }, world);
    const rows = [...(await readManifest(digest, world.store))];
    expect(rows.map(({ split }) => split)).toEqual(['train', 'train', undefined]);
  });

  it('answers a repeated request with the version that it made', async () => {
    const { world, digest } = await opened();
    const request = { base: digest, labels: [label('00.png', ['cat'])] };
    const first = await setLabels('pictures', request, world);
    expect(await setLabels('pictures', request, world)).toEqual(first);
    expect(await readVersions('pictures', world.store)).toHaveLength(2);
  });

  it('keeps the labels of all requests at the same time that name no base', async () => {
    const { world } = await opened();
    await Promise.all(['00', '01', '02'].map((n) => setLabels('pictures', { labels: [label(`${n}.png`, ['cat'])] }, world)));
    expect(await readReport('pictures', world.store)).toMatchObject({ unlabelled: 27 });
  });

  it('leaves the origins of another version as they are if it loses, and replaces them if it comes back to it', async () => {
    const { world, digest } = await opened();
    const cat = await setLabels('pictures', { base: digest, labels: [label('00.png', ['cat'])] }, world);
    const dog = await setLabels('pictures', { base: cat.digest, labels: [label('00.png', ['dog'])] }, world);
    const origins = await readOrigins({ name: 'pictures', digest: cat.digest }, world.store);
    const losing = { base: digest, labels: [label('00.png', ['cat'], 'suggestion')] };
    await expect(setLabels('pictures', losing, world)).rejects.toMatchObject({ code: 'DATASET_VERSION_CHANGED' });
    expect(await readOrigins({ name: 'pictures', digest: cat.digest }, world.store)).toEqual(origins);
    await setLabels('pictures', { base: dog.digest, labels: [label('00.png', ['cat'], 'suggestion')] }, world);
    expect((await readOrigins({ name: 'pictures', digest: cat.digest }, world.store)).get('00.png')).toMatchObject({
      source: 'suggestion',
    });
  });

  it('stores that a person confirmed a label and when, and forgets it with the label', async () => {
    const { world, digest: imported } = await opened({
      'cat/a.png': images[0]!,
      'dog/b.png': images[1]!,
      'dog/c.png': images[2]!,
    });
    const listed = async () => (await listImages('pictures', world, { limit: 10 })).images;
    const confirm = (image: string, confirmed: boolean) => ({ ...label(image, ['cat']), confirmed });
    const first = await setLabels('pictures', { base: imported, labels: [confirm('cat/a.png', true)] }, world);
    expect(first).toMatchObject({ changed: 1, classes: [{ label: 'cat' }, { label: 'dog' }] });
    const at = world.clock.now().toISOString();
    expect((await listed())[0]).toMatchObject({ labels: ['cat'], confirmed: true, labelled: { source: 'person', at } });
    expect(await diffVersions(`pictures@${imported}`, `pictures@${first.digest}`, world.store)).toMatchObject({
      changed: [{ path: 'cat/a.png', what: ['confirmation'] }],
    });
    // Labels of other images, and the same label once more, change nothing about it.
    await setLabels('pictures', { labels: [label('dog/b.png', ['cat']), label('cat/a.png', ['cat'])] }, world);
    expect((await listed()).map(({ confirmed }) => confirmed)).toEqual([true, undefined, undefined]);
    await setLabels('pictures', { labels: [label('dog/b.png', ['dog'])] }, world);
    expect(await setLabels('pictures', { labels: [confirm('cat/a.png', false)] }, world)).toMatchObject({ digest: imported });
    await setLabels('pictures', { labels: [confirm('cat/a.png', true)] }, world);
    await setLabels('pictures', { labels: [label('cat/a.png', ['dog'])] }, world);
    await setLabels('pictures', { labels: [label('cat/a.png', ['cat'])] }, world);
    expect((await listed())[0]).not.toHaveProperty('confirmed', true);
  });

  it('gives labels whose confirmation is taken back the origin that they had without it', async () => {
    const { world } = await opened({
      'cat/a.png': images[0]!,
      'dog/b.png': images[1]!,
      'unlabelled/c.png': images[2]!,
      'unlabelled/d.png': images[3]!,
    });
    const at = world.clock.now().toISOString();
    const confirm = (image: string, name: string, confirmed: boolean) => ({ ...label(image, [name]), confirmed });
    const labelled = async () =>
      Object.fromEntries(
        (await listImages('pictures', world, { limit: 10 })).images.map((image) => [image.path, image.labelled]),
      );
    const set = (...labels: ImageLabel[]) => setLabels('pictures', { labels }, world);
    await set(label('unlabelled/c.png', ['dog'], 'suggestion'));
    await world.clock.advance(60);
    const later = world.clock.now().toISOString();
    await set(
      confirm('cat/a.png', 'cat', true),
      confirm('unlabelled/c.png', 'dog', true),
      confirm('unlabelled/d.png', 'cat', true),
    );
    const confirmed = { source: 'person', at: later };
    expect(await labelled()).toEqual({ 'cat/a.png': confirmed, 'unlabelled/c.png': confirmed, 'unlabelled/d.png': confirmed });
    await set(confirm('dog/b.png', 'dog', true));
    await world.clock.advance(60);
    await set(
      confirm('cat/a.png', 'cat', false),
      confirm('unlabelled/c.png', 'dog', false),
      confirm('unlabelled/d.png', 'cat', false),
    );
    expect(await labelled()).toEqual({
      'unlabelled/c.png': { source: 'suggestion', at },
      'unlabelled/d.png': confirmed,
      'dog/b.png': confirmed,
    });
  });

  it('carries the warnings of the import over', async () => {
    const manifest = 'path,label,colour\na.png,,red\nb.png,,blue\n';
    const { world } = await opened({ 'manifest.csv': manifest, 'a.png': images[0]!, 'b.png': images[1]! });
    await setLabels('pictures', { labels: [label('a.png', ['cat'])] }, world);
    const { warnings } = await readReport('pictures', world.store);
    expect(warnings.filter(({ code }) => code === 'MANIFEST_COLUMNS_UNUSED')).toHaveLength(1);
    expect(warnings.filter(({ code }) => code === 'IMAGES_UNLABELLED')).toMatchObject([
      { message: expect.stringMatching(/^1 of 2 /) },
    ]);
  });

  it.each([[[]], [['cat', 'dog']]])('refuses the labels %j where other images have one label', async (labels) => {
    const { world, digest } = await opened({ 'cat/a.png': images[0]!, 'dog/b.png': images[1]! });
    await expect(setLabels('pictures', { labels: [label('cat/a.png', labels)] }, world)).rejects.toMatchObject({
      code: 'LABELS_CHANGE_TASK',
      received: `${labels.length} labels for cat/a.png`,
    });
    expect((await readVersions('pictures', world.store)).map((version) => version.digest)).toEqual([digest]);
  });

  it('makes a data set without labels multi-label, if the first labels are', async () => {
    const { world } = await opened();
    await setLabels('pictures', { labels: [label('00.png', ['cat', 'dog'])] }, world);
    await setLabels('pictures', { labels: [label('01.png', [])] }, world);
    expect(await readReport('pictures', world.store)).toMatchObject({ task: 'multi-label', unlabelled: 28 });
  });

  it('sees a label that holds a line break', async () => {
    const { world } = await opened();
    await setLabels('pictures', { labels: [label('00.png', ['a', 'b'])] }, world);
    expect(await setLabels('pictures', { labels: [label('00.png', ['a\nb'])] }, world)).toMatchObject({ changed: 1 });
  });

  it('refuses a data set that is too large for a request', async () => {
    const { world } = await opened();
    await changeDocument(world.store, recordDocument, 'pictures', (record) => {
      return record && { ...record, versions: record.versions.map((version) => ({ ...version, images: 100_001 })) };
    });
    await expect(setLabels('pictures', { labels: [label('00.png', ['cat'])] }, world)).rejects.toMatchObject({
      code: 'LABELLING_UNSUPPORTED',
      received: '100001 images',
    });
  });

  it('shows in a comparison of versions that an image without labels lost them', async () => {
    const { world } = await opened({
      'manifest.csv': 'path,labels\na.png,\nb.png,cat\n',
      'a.png': images[0]!,
      'b.png': images[1]!,
    });
    const { digest } = (await readVersions('pictures', world.store))[0]!;
    const after = await setLabels('pictures', { labels: [label('a.png', null)] }, world);
    const { changed } = await diffVersions(`pictures@${digest}`, `pictures@${after.digest}`, world.store);
    expect(changed).toEqual([{ path: 'a.png', what: ['labels', 'split'] }]);
  });
});
