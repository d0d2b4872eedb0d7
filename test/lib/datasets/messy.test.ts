import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { importStored, uploadSource } from '../../support/datasets/upload.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

const data = process.env.GRAFT_DATA;

/** GRAFT_DATA/messy is a folder of traps, with expected.csv: path,kind,decodable(yes, no or either),note. */
describe.skipIf(data === undefined)('importUpload of a folder of traps', () => {
  it('takes what can be decoded and refuses what cannot, file by file', async () => {
    const { expected, report, rows } = await importTraps();
    expect(expected.length).toBeGreaterThan(100);
    const taken = new Set(rows.map(({ path }) => path));
    const refused = new Set(report.refused.map(({ path }) => path));
    const wrong = expected.filter(({ path, decodable }) => {
      const [isTaken, isRefused] = [taken.has(path), refused.has(path)];
      return isTaken === isRefused || (decodable === 'yes' && !isTaken) || (decodable === 'no' && !isRefused);
    });
    expect(wrong).toEqual([]);
  });

  it('knows the files of the operating system', async () => {
    const { expected, report } = await importTraps();
    const junk = expected.filter(({ kind }) => kind.startsWith('os-junk')).map(({ path }) => path);
    expect(report.refused.filter(({ code }) => code === 'OS_JUNK').map(({ path }) => path)).toEqual(junk.toSorted());
  });

  it('finds the duplicates, the class of one image, and no class without images', async () => {
    const { report } = await importTraps();
    expect(report.duplicates).toContainEqual({
      paths: ['ガラス/glass_00 (copy).jpg', 'ガラス/glass_00.jpg'],
      kind: 'same-class',
    });
    expect(report.duplicates).toContainEqual({
      paths: ['metal (cans)/metal_dup_of_glass_01.jpg', 'ガラス/glass_01.jpg'],
      kind: 'across-classes',
    });
    expect(report.warnings).toContainEqual({ code: 'CLASS_WITH_ONE_IMAGE', message: expect.stringContaining('"solo"') });
    expect(report.classes.map(({ label }) => label)).toEqual(['metal (cans)', 'papier-été', 'solo', 'ガラス']);
  });
});

async function importTraps() {
  const folder = join(data ?? '', 'messy');
  const clock = manualClock();
  const store = openFileStore({ directory: temporaryFolder(), clock });
  const files = await uploadSource(store, folder);
  const imported = await importStored({ name: 'messy', maxRefused: 0.5, files }, { store, clock });
  const [, ...lines] = (await readFile(join(folder, 'expected.csv'), 'utf8')).trimEnd().split('\n');
  const { rows } = await openDataset('messy', store);
  return { ...imported, rows, expected: lines.map(readLine) };
}

function readLine(line: string): { path: string; kind: string; decodable: string } {
  const [, quoted, plain = '', kind = '', decodable = ''] = /^(?:"((?:[^"]|"")*)"|([^,]*)),([^,]*),([^,]*)/.exec(line) ?? [];
  const path = quoted === undefined ? plain : quoted.replaceAll('""', '"');
  return { path: path.normalize('NFC'), kind, decodable };
}
