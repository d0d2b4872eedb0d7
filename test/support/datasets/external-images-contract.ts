/** What a data set of external images must do, whichever bucket they lie in: embedded, or S3. */
import { basename, dirname } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { withExternalImages } from '../../../lib/datasets/external/external-store.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { cutReport } from '../../../lib/datasets/report/cut-report.ts';
import { renderReport } from '../../../lib/datasets/report/render-report.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { setLabels } from '../../../lib/datasets/set-labels.ts';
import { addFiles, completeUpload, createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { deleteDataset } from '../../../lib/datasets/versions/delete-dataset.ts';
import type { SourceBuckets, World } from '../../../lib/ports.ts';
import { collectGarbage } from '../collect-garbage.ts';
import { testWorld } from '../world.ts';
import type { BucketUnderTest } from './source-buckets.ts';
import { importStored, uploadBytes } from './upload.ts';

const encode = (text: string) => new TextEncoder().encode(text);

/** @param openBucket an empty bucket for each test */
export function externalImagesContract(name: string, openBucket: () => Promise<BucketUnderTest>): void {
  describe(`a data set in ${name}`, () => {
    let bucket: BucketUnderTest;
    let world: ReturnType<typeof testWorld>;
    let images: Record<string, Uint8Array>;
    beforeEach(async () => {
      bucket = await openBucket();
      world = { ...testWorld(), buckets: bucket.buckets };
      images = await someImages(['cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/zä+ b%20.png']);
    });

    async function putAll(prefix: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
      for (const [path, bytes] of Object.entries(files)) await bucket.put(`${prefix}${path}`, bytes);
    }
    const address = (path: string) => `s3://${bucket.bucket}/${path}`;
    const importing = (source: string, maxRefused = 0.3, set = 'pets') => importAddress(source, maxRefused, set, world);

    it('is the same version as the same images in a folder, and holds none of them itself', async () => {
      await putAll('photos/', images);
      const { state, report, error } = await importing(address('photos'));
      expect({ state, error }).toEqual({ state: 'READY', error: undefined });
      expect((await world.store.list('blobs/')).objects).toEqual([]);
      const { store, clock } = testWorld();
      const files = await uploadBytes(store, images);
      const folder = await importStored({ name: 'pets', files }, { store, clock });
      expect(report).toEqual(cutReport(folder.report));
    });

    it('reads each image where it lies, by its content', async () => {
      await putAll('photos/', images);
      await importing(address('photos/'));
      const { store } = await withExternalImages('pets', world);
      const { rows } = await openDataset('pets', store);
      for (const { path, sha256 } of rows) {
        const key = blobKey(sha256);
        expect(Buffer.from((await store.get(key))?.body ?? [])).toEqual(Buffer.from(images[path]!));
        expect(await store.getRange(key, 1, 4)).toEqual(images[path]!.slice(1, 4));
        expect(await store.head(key)).toMatchObject({ size: images[path]!.length });
      }
      expect(await renderReport('pets', store)).toContain('data:image/jpeg;base64,');
    });

    it('is labelled by a manifest beside the images, by path or by address', async () => {
      const [a, b] = [address('photos/cat/2.png'), address('elsewhere/x.png')];
      await putAll('photos/', { ...images, 'manifest.csv': encode(`path,label\ncat/1.png,tabby\n${a},tom\n${b},stray\n`) });
      await putAll('elsewhere/', { 'x.png': (await someImages(['x'])).x!, 'y.png': images['dog/1.png']! });
      const { report } = await importing(address('photos'), 1);
      expect(report?.classes.map(({ label }) => label)).toEqual(['stray', 'tabby', 'tom']);
      expect(report?.refused.map(({ code }) => code)).toEqual(['NOT_IN_MANIFEST', 'NOT_IN_MANIFEST']);
      const { rows } = await openDataset('pets', world.store);
      expect(rows.map(({ path }) => path)).toEqual(['cat/1.png', 'cat/2.png', `${bucket.bucket}/elsewhere/x.png`].sort());
      expect((await world.store.list('blobs/')).objects).toHaveLength(1);
    });

    it('is what a manifest in the bucket names, and nothing else is read', async () => {
      await putAll('photos/', { ...images, 'some.jsonl': encode(jsonLines(['cat/1.png', 'cat'], ['dog/1.png', 'dog'])) });
      const { report } = await importing(address('photos/some.jsonl'), 0);
      expect(report).toMatchObject({ accepted: 2, refused: [] });
      const folder = testWorld();
      const { 'cat/1.png': one, 'dog/1.png': two } = images;
      const files = await uploadBytes(folder.store, { 'cat/1.png': one!, 'dog/1.png': two! });
      expect(report?.digest).toBe((await importStored({ name: 'pets', files }, folder)).digest);
    });

    it('has objects that a manifest in the bucket names in another form of Unicode', async () => {
      const [composed, decomposed] = ['été.png'.normalize('NFC'), 'été.png'.normalize('NFD')];
      const { 'cat/1.png': one, 'cat/2.png': two, 'dog/1.png': three } = images;
      await putAll('photos/', {
        [`a/${decomposed}`]: one!,
        [`b/${decomposed}`]: two!,
        [`c/${composed}`]: three!,
        'some.jsonl': encode(jsonLines([`a/${decomposed}`, 'cat'], [`b/${composed}`, 'cat'], [`c/${decomposed}`, 'dog'])),
      });
      const { report } = await importing(address('photos/some.jsonl'), 0);
      expect(report).toMatchObject({ accepted: 3, refused: [] });
      const { store } = await withExternalImages('pets', world);
      const { rows } = await openDataset('pets', store);
      expect(rows.map(({ path }) => path)).toEqual([`a/${composed}`, `b/${composed}`, `c/${composed}`]);
      for (const { sha256 } of rows) expect((await store.get(blobKey(sha256)))?.body.length).toBeGreaterThan(0);
    });

    it('is what a manifest of this machine names by addresses, beside images that are sent', async () => {
      await putAll('photos/', images);
      const rows = ['here.png,cat', `${address('photos/dog/1.png')},dog`, `${address('photos/none.png')},dog`];
      const files = { 'manifest.csv': encode(`path,label\n${rows.join('\n')}\n`), 'here.png': images['cat/1.png']! };
      const { report } = await importFiles(files, world);
      const path = `${bucket.bucket}/photos/dog/1.png`;
      expect(report?.accepted).toBe(2);
      expect(report?.refused).toMatchObject([{ path: `${bucket.bucket}/photos/none.png`, code: 'FILE_MISSING' }]);
      const { rows: taken } = await openDataset('pets', world.store);
      expect(taken.map((row) => row.path)).toEqual([path, 'here.png'].sort());
      const { store } = await withExternalImages('pets', world);
      for (const { sha256 } of taken) expect((await store.get(blobKey(sha256)))?.body.length).toBeGreaterThan(0);
    });

    it('refuses by its path what it cannot take, and passes over the marks of folders', async () => {
      await putAll('photos/', {
        ...images,
        'cat/note.txt': encode('no image'),
        'cat/.DS_Store': encode('x'),
        'loose.png': images['cat/1.png']!,
      });
      await bucket.put('photos/cat/empty.png', new Uint8Array());
      const { report } = await importing(address('photos'), 1);
      expect(report?.accepted).toBe(4);
      expect(report?.refused.map(({ path, code }) => `${basename(path)} ${code}`)).toEqual([
        '.DS_Store OS_JUNK',
        'empty.png IMAGE_EMPTY',
        'note.txt IMAGE_FORMAT_UNSUPPORTED',
        'loose.png NO_CLASS',
      ]);
    });

    it('goes on where an import was interrupted, object by object, and shows nothing before it is whole', async () => {
      await putAll('photos/', images);
      const { id } = await createUpload({ name: 'pets', maxRefused: 0, source: address('photos') }, world);
      for (let taken = 1; taken <= 4; taken++) {
        const { state } = await runImport(id, world, { signal: AbortSignal.abort(new Error('out of time')) });
        expect(state).toBe('IMPORTING');
        expect((await world.store.list(`upload-parts/${id}-placed/`)).objects).toHaveLength(taken);
        expect((await world.store.list('datasets/')).objects).toEqual([]);
      }
      const { report } = await runImport(id, world);
      expect(report?.digest).toBe((await importing(address('photos'), 0, 'at-once')).report?.digest);
    });

    it('is the same when two imports of it run at once', async () => {
      await putAll('photos/', images);
      const { id } = await createUpload({ name: 'pets', maxRefused: 0, source: address('photos') }, world);
      const uploads = await Promise.all([runImport(id, world), runImport(id, world)]);
      expect(uploads.map(({ state }) => state)).toEqual(['READY', 'READY']);
      expect((await openDataset('pets', world.store)).rows.length).toBe(4);
    });

    it('says which object has changed or vanished, and never gives other bytes', async () => {
      await putAll('photos/', images);
      await importing(address('photos'));
      const { store } = await withExternalImages('pets', world);
      const { rows } = await openDataset('pets', store);
      await bucket.put('photos/cat/1.png', images['dog/1.png']!);
      await bucket.remove('photos/cat/2.png');
      const read = (path: string) => store.get(blobKey([...rows].find((row) => row.path === path)!.sha256));
      await expect(read('cat/1.png')).rejects.toMatchObject({ code: 'IMAGE_CHANGED', at: address('photos/cat/1.png') });
      await expect(read('cat/2.png')).rejects.toMatchObject({ code: 'IMAGE_MISSING', at: address('photos/cat/2.png') });
      await expect(read('dog/1.png')).resolves.toBeDefined();
      await bucket.put('photos/cat/1.png', images['cat/1.png']!);
      await expect(read('cat/1.png')).resolves.toBeDefined();
    });

    it('becomes a new version when the prefix has grown, and takes up what was rewritten', async () => {
      await putAll('photos/', images);
      const first = (await importing(address('photos'))).report?.digest;
      await bucket.put('photos/cat/1.png', images['cat/1.png']!);
      const retrain = (await importing(address('photos'))).report?.digest;
      expect(retrain).toBe(first);
      await bucket.put('photos/cat/3.png', (await someImages(['3']))['3']!);
      await bucket.put('photos/dog/1.png', (await someImages(['other'])).other!);
      const read: string[] = [];
      const buckets: SourceBuckets = {
        ...bucket.buckets,
        read(object, most) {
          read.push(object.key);
          return bucket.buckets.read(object, most);
        },
      };
      const grown = await importAddress(address('photos'), 0.3, 'pets', { ...world, buckets });
      expect(read.sort(), 'what is new or has changed').toEqual(['photos/cat/3.png', 'photos/dog/1.png']);
      expect(grown.report?.digest).not.toBe(first);
      // One for each version: the collector removes those that a version had before.
      await collectGarbage(world);
      const { objects } = await world.store.list('places/');
      expect(new Set(objects.map(({ key }) => dirname(key))).size).toBe(2);
      expect(grown.report).toEqual({ ...(await importing(address('photos'), 0.3, 'retrain')).report, dataset: 'pets' });
    });

    it('keeps the images of a version with other labels when its source is imported again', async () => {
      await putAll('photos/', images);
      await importing(address('photos'));
      const labels = [{ image: 'cat/1.png', labels: ['dog'], source: 'person' as const }];
      const { digest } = await setLabels('pets', { labels }, world);
      await importing(address('photos'));
      await collectGarbage(world);
      const { store } = await withExternalImages(`pets@${digest}`, world);
      for (const { sha256 } of (await openDataset(`pets@${digest}`, store)).rows)
        await expect(store.get(blobKey(sha256))).resolves.toBeDefined();
    });

    it('is deleted without any of the objects that it names', async () => {
      await putAll('photos/', images);
      await importing(address('photos'));
      const before = await bucket.keys();
      await deleteDataset('pets', world);
      expect(await collectGarbage(world)).toMatchObject({ places: 1 });
      expect(await bucket.keys()).toEqual(before);
      expect((await world.store.list('places/')).objects).toEqual([]);
    });

    it('is told that nothing lies below a prefix', async () => {
      const { state, error } = await importing(address('nothing'));
      expect({ state, code: error?.code }).toEqual({ state: 'FAILED', code: 'PREFIX_EMPTY' });
    });

    it('never asks for a bucket that is not allowed, neither for a prefix nor for a row', async () => {
      await expect(importing('s3://another-bucket/photos')).rejects.toMatchObject({ code: 'BUCKET_NOT_ALLOWED' });
      await putAll('photos/', images);
      const rows = `path,label\n${address('photos/cat/1.png')},cat\ns3://another-bucket/x.png,cat\n`;
      const { state, error } = await importFiles({ 'manifest.csv': encode(rows) }, world);
      expect(state).toBe('FAILED');
      expect(error).toMatchObject({ code: 'TOO_MANY_REFUSED', received: [{ code: 'BUCKET_NOT_ALLOWED' }] });
      expect((await world.store.list('datasets/')).objects).toEqual([]);
    });
  });
}

async function importAddress(source: string, maxRefused: number, name: string, world: World) {
  const { id } = await createUpload({ name, maxRefused, source }, world);
  return runImport(id, world);
}

/** As `graft upload` does with files of this machine. */
async function importFiles(files: Readonly<Record<string, Uint8Array>>, world: World) {
  const { id } = await createUpload({ name: 'pets', maxRefused: 0.4 }, world);
  const listed = await uploadBytes(world.store, files);
  await addFiles(id, listed, world);
  await completeUpload(id, { parts: 1, files: listed.length }, world);
  return runImport(id, world);
}

/** Small images, each of a colour of its own. */
export async function someImages(paths: readonly string[]): Promise<Record<string, Uint8Array>> {
  const made = paths.map(async (path, number): Promise<[string, Uint8Array]> => {
    const seed = number + path.length * 16;
    const background = { r: (seed * 53) % 256, g: (seed * 97) % 256, b: (seed * 29) % 256 };
    const image = sharp({ create: { width: 40, height: 30, channels: 3, background } });
    return [path, new Uint8Array(await image.png().toBuffer())];
  });
  return Object.fromEntries(await Promise.all(made));
}

function jsonLines(...rows: readonly [path: string, label: string][]): string {
  return rows.map(([path, label]) => `${JSON.stringify({ path, label })}\n`).join('');
}
