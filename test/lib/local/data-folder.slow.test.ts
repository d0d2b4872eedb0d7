import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DATA_FOLDER_VERSION, prepareDataFolder, storeDirectory } from '../../../lib/local/data-folder.ts';
import { openEmbeddedStore } from '../../../lib/local/embedded-store.ts';
import { openFileLock } from '../../../lib/local/file-lock.ts';
import { objectFile, openFileStore } from '../../../lib/local/file-store.ts';
import { openRowStore } from '../../../lib/local/row-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { systemClock } from '../../../lib/store/system-clock.ts';
import { unpackEarlierFolder } from '../../support/datasets/earlier-data-folder.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { startScript } from '../../support/processes/script.ts';

/** Folders that begin the keys of small objects, which version 1 keeps in files. */
const SMALL = ['active', 'answers', 'events', 'idempotency', 'jobs', 'webhooks'];
const written = new Date('2026-11-25T12:00:00Z');

describe('a folder of version 1', () => {
  it('is migrated: every object has its key, bytes and time of writing, and the folder says its version', async () => {
    const { directory, objects } = await folderOfVersion1();
    prepareDataFolder(directory);
    expect(await objectsOf(directory)).toEqual(objects);
    expect(versionOf(directory)).toBe(DATA_FOLDER_VERSION);
    const store = openStore(directory);
    expect((await store.head('events/job/0001'))?.modifiedAt).toEqual(written);
    for (const prefix of SMALL) expect(existsSync(objectFile(storeDirectory(directory), `${prefix}/`)), prefix).toBe(false);
  });

  it.each([
    { when: 'before the first object is read', call: 'readFileSync', count: 3 },
    { when: 'while a transaction is open', call: 'readFileSync', count: 300 },
    { when: 'after a transaction, before its first file is removed', call: 'rmSync', count: 1 },
    { when: 'while files are removed', call: 'rmSync', count: 200 },
    { when: 'in the second transaction', call: 'readFileSync', count: 550 },
    { when: 'while the files of the second transaction are removed', call: 'rmSync', count: 550 },
    { when: 'when the version is all that is missing', call: 'renameSync', count: 1 },
  ])('loses nothing to a kill $when: the next process goes on', async ({ call, count }) => {
    const { directory, objects } = await folderOfVersion1();
    expect(await startScript(script, directory, call, String(count)).ended).toBe('SIGKILL');
    expect(existsSync(join(storeDirectory(directory), 'version.json'))).toBe(false);
    prepareDataFolder(directory);
    expect(await objectsOf(directory)).toEqual(objects);
    expect(versionOf(directory)).toBe(DATA_FOLDER_VERSION);
  });

  it('is migrated once by processes that open it at the same time, and all of them see the same jobs', async () => {
    const { directory, objects } = await folderOfVersion1();
    const scripts = [1, 2, 3].map(() => startScript(script, directory));
    const jobs = [...objects.keys()].filter((key) => key.startsWith('jobs/'));
    expect(await Promise.all(scripts.map(({ read }) => read(1)))).toEqual(scripts.map(() => [String(jobs.length)]));
    expect(await Promise.all(scripts.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    expect(await objectsOf(directory)).toEqual(objects);
  });

  it('is left as it is while a worker of that version works in it, and migrated after that', async () => {
    const { directory, objects } = await folderOfVersion1();
    const worker = openFileLock(join(directory, 'worker.lock'));
    worker.hold();
    expect(() => prepareDataFolder(directory)).toThrow(
      expect.objectContaining({ code: 'STORE_BUSY', retryable: true, fix: expect.stringContaining('end graft dev') }),
    );
    expect(existsSync(join(storeDirectory(directory), 'records.sqlite'))).toBe(false);
    worker.close();
    prepareDataFolder(directory);
    expect(await objectsOf(directory)).toEqual(objects);
  });

  it('keeps the row where later code without a version has already written one, and takes the other files', async () => {
    const { directory, objects } = await folderOfVersion1();
    const rows = openRowStore({ file: join(storeDirectory(directory), 'records.sqlite'), clock: systemClock });
    await rows.put('events/job/0001', Buffer.from('newer'));
    rows.close();
    prepareDataFolder(directory);
    expect(await objectsOf(directory)).toEqual(new Map([...objects, ['events/job/0001', 'newer']]));
  });
});

it('takes a folder of version 2 as it is, also while a worker works in it', () => {
  const directory = temporaryFolder();
  unpackEarlierFolder(2, directory);
  const worker = openFileLock(join(directory, 'worker.lock'));
  onTestFinished(() => worker.close());
  worker.hold();
  prepareDataFolder(directory);
  expect(versionOf(directory)).toBe(2);
});

it('gives a new folder its version', () => {
  const directory = join(temporaryFolder(), 'deep', 'data');
  prepareDataFolder(directory);
  expect(versionOf(directory)).toBe(DATA_FOLDER_VERSION);
});

it.each([
  { about: 'a later version', text: `{"version":${DATA_FOLDER_VERSION + 1},"more":true}`, received: DATA_FOLDER_VERSION + 1 },
  { about: 'a version that is none', text: '{"version":"two"}', received: '{"version":"two"}' },
  { about: 'an empty file', text: '', received: '' },
])('refuses $about with a sentence, and changes nothing', async ({ text, received }) => {
  const { directory } = await folderOfVersion1();
  const file = join(storeDirectory(directory), 'version.json');
  writeFileSync(file, text);
  expect(() => prepareDataFolder(directory)).toThrow(
    expect.objectContaining({
      code: 'STORE_VERSION_UNSUPPORTED',
      at: file,
      received,
      fix: expect.stringContaining('GRAFT_DATA_DIR'),
    }),
  );
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(existsSync(join(storeDirectory(directory), 'records.sqlite'))).toBe(false);
});

const script = new URL('./scripts/prepare.ts', import.meta.url);

/** The folder that version 1 wrote, with more small objects than one transaction moves, under keys of every kind. */
async function folderOfVersion1(): Promise<{ directory: string; objects: Map<string, string> }> {
  const directory = temporaryFolder();
  unpackEarlierFolder(1, directory);
  const more = [
    ...Array.from({ length: 600 }, (_, number) => `events/job/${String(number).padStart(4, '0')}`),
    ...SMALL.flatMap((folder) => [`${folder}/Ä b.json`, `${folder}/${'long'.repeat(50)}/x`, `${folder}/x`]),
  ];
  for (const key of more) {
    const path = objectFile(storeDirectory(directory), key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, key.endsWith('/x') ? '' : `body of ${key}`);
    utimesSync(path, written, written);
  }
  const store = openFileStore({ directory: storeDirectory(directory), clock: systemClock });
  const objects = await contentOf(store);
  store.close();
  expect(objects.size).toBeGreaterThan(more.length);
  return { directory, objects };
}

/** Keys and bodies of all objects, as the code of today reads them. */
async function objectsOf(directory: string): Promise<Map<string, string>> {
  return contentOf(openStore(directory));
}

function openStore(directory: string) {
  const store = openEmbeddedStore({ directory: storeDirectory(directory), clock: systemClock });
  onTestFinished(() => store.close());
  return store;
}

async function contentOf(store: ObjectStore): Promise<Map<string, string>> {
  const { objects, more } = await store.list('', { limit: 10_000 });
  expect(more).toBe(false);
  const entries = objects.map(
    async ({ key }) => [key, Buffer.from((await store.get(key))?.body ?? []).toString('latin1')] as const,
  );
  return new Map(await Promise.all(entries));
}

function versionOf(directory: string): number {
  return JSON.parse(readFileSync(join(storeDirectory(directory), 'version.json'), 'utf8')).version;
}
