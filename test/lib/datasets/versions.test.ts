import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../lib/contracts/dataset.ts';
import { renderReport } from '../../../lib/datasets/report/render-report.ts';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { diffVersions } from '../../../lib/datasets/versions/diff-versions.ts';
import { manifestDigest, putManifest, readManifest } from '../../../lib/datasets/versions/manifest.ts';
import { readReport, writeSuspects } from '../../../lib/datasets/versions/report-store.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { fixturePath } from '../../support/fixtures.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

const clock = manualClock();
const photographs = {
  one: await readFile(fixturePath('trash/glass/glass119.jpg')),
  two: await readFile(fixturePath('trash/glass/glass256.jpg')),
  three: await readFile(fixturePath('trash/metal/metal102.jpg')),
};
const { one, two, three } = photographs;

describe('a new version', () => {
  it('stores only what is new, and says what that is', async () => {
    const store = newStore();
    await importFiles(store, { 'a/1.jpg': one, 'b/2.jpg': two });
    const before = await blobs(store);
    await importFiles(store, { 'a/1.jpg': one, 'b/2.jpg': two, 'b/3.jpg': three });
    expect((await blobs(store)).length).toBe(before.length + 1);
  });

  it('is compared with another image by image', async () => {
    const store = newStore();
    const a = await importFiles(store, {
      'manifest.csv': 'path,label,group\n1,cat,x\n2,dog,\n3,dog,',
      '1': one,
      '2': two,
      '3': three,
    });
    const b = await importFiles(store, {
      'manifest.csv': 'path,label,group\n1,dog,y\n3,dog,\n4,cat,',
      '1': two,
      '3': three,
      '4': one,
    });
    expect(await diffVersions(`pictures@${a}`, 'pictures', store)).toEqual({
      a: `pictures@${a}`,
      b: `pictures@${b}`,
      added: ['4'],
      removed: ['2'],
      changed: [{ path: '1', what: ['bytes', 'labels', 'group'] }],
      unchanged: 1,
      classes: [],
    });
    await expect(diffVersions('pictures', 'picture', store)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  });
});

describe('a long manifest', () => {
  it('lies in shards and reads as one, under the same digest', async () => {
    const rows = Array.from(
      { length: 25_000 },
      (_, image): ManifestRow => ({
        path: `a/${String(image).padStart(6, '0')}`,
        sha256: image.toString(16).padStart(64, '0'),
        labels: ['a'],
        width: 8,
        height: 8,
      }),
    );
    const sharded = newStore();
    const digest = manifestDigest(rows);
    await putManifest(digest, rows, sharded);
    expect((await sharded.list('manifests/')).objects).toHaveLength(3);
    expect([...(await readManifest(digest, sharded))]).toEqual(rows);
    await sharded.delete(`manifests/${digest}/000001.jsonl`);
    await expect(readManifest(digest, sharded)).rejects.toMatchObject({ code: 'MANIFEST_CHANGED' });
    await sharded.put(`manifests/${digest}/000002.jsonl`, Buffer.from('{}\n'));
    // An import of the same images restores what is lost or damaged.
    await putManifest(digest, rows, sharded);
    expect([...(await readManifest(digest, sharded))]).toEqual(rows);
  });
});

describe('renderReport', () => {
  it(
    'shows each class with small images, duplicates, refused files and warnings, and runs nothing that a name ' + 'says',
    async () => {
      const store = newStore();
      const name = '<script>alert("1")</script>';
      await importFiles(store, { 'a/1.jpg': one, [`${name}/2.jpg`]: one, 'a/3.jpg': two, 'a/<u>.txt': Buffer.from('text') });
      const neighbours = [{ path: 'a/1.jpg', label: name, similarity: 0.5 }];
      const suspect = { path: 'a/3.jpg', label: 'a', suggested: name, agreement: 0.9, neighbours };
      const { name: dataset, digest } = await openDataset('pictures', store);
      await writeSuspects({ name: dataset, digest }, { checked: 3, found: 1, suspects: [suspect] }, store);
      expect((await readReport('pictures', store)).suspects?.suspects).toEqual([suspect]);
      const page = await renderReport('pictures', store);
      expect(page).not.toContain('<script');
      expect(page).not.toContain('<u>');
      // A sample of each class but for its duplicates, the duplicates, the suspect and its neighbour.
      expect(page.match(/data:image\/jpeg;base64,/g)).toHaveLength(6);
      expect(page).toContain('the same file in several classes');
      expect(page).toContain('Labels that may be wrong');
      expect(page).toContain('LABELS_CONFLICT');
      expect(page).toContain('IMAGE_FORMAT_UNSUPPORTED');
      expect(page).toContain('&lt;script&gt;');
    },
  );
});

function newStore(): ObjectStore {
  return openFileStore({ directory: temporaryFolder(), clock });
}

async function importFiles(store: ObjectStore, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const bytes = Object.fromEntries(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
  const uploaded = await uploadBytes(store, bytes);
  return (await importStored({ name: 'pictures', maxRefused: 1, files: uploaded }, { store, clock })).digest;
}

async function blobs(store: ObjectStore): Promise<string[]> {
  return (await store.list('blobs/')).objects.map(({ key }) => key);
}
