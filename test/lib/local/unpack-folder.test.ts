import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFileLock } from '../../../lib/local/file-lock.ts';
import { openUnpackFolder } from '../../../lib/local/unpack-folder.ts';
import { temporaryFolder } from '../../support/folder.ts';

const SECONDS_A_DAY = 86_400;

/** A folder of an archive with an unpacked file. @param age of its lock, in seconds; undefined: it has no lock */
function folderOfAge(root: string, name: string, age: number | undefined, { folderAge = 0 } = {}): string {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, '0'), 'unpacked');
  const lock = join(folder, 'alive');
  if (age !== undefined) openFileLock(lock).close();
  setAge(folder, folderAge);
  if (age !== undefined) setAge(lock, age);
  return lock;
}

function setAge(path: string, seconds: number): void {
  const time = Date.now() / 1000 - seconds;
  utimesSync(path, time, time);
}

test('a folder goes with its process', async () => {
  const root = temporaryFolder();
  const { path, close } = await openUnpackFolder(root);
  writeFileSync(join(path, '0'), 'unpacked');
  close();
  close();
  expect(readdirSync(root)).toEqual([]);
});

test('folders of dead processes are removed, and nothing else', async () => {
  const root = temporaryFolder();
  folderOfAge(root, 'graft-archive-dead', 61);
  folderOfAge(root, 'graft-archive-opening', 0);
  folderOfAge(root, 'graft-archive-without-lock', undefined, { folderAge: SECONDS_A_DAY + 1 });
  folderOfAge(root, 'graft-archive-without-lock-yet', undefined, { folderAge: 61 });
  folderOfAge(root, 'other', 61, { folderAge: SECONDS_A_DAY + 1 });
  const alive = openFileLock(folderOfAge(root, 'graft-archive-alive', 61));
  onTestFinished(() => alive.close());
  alive.hold();
  setAge(join(root, 'graft-archive-alive', 'alive'), 61);
  writeFileSync(join(root, 'graft-archive-file'), '');
  const { path, close } = await openUnpackFolder(root);
  expect(readdirSync(root).sort()).toEqual(
    [
      basename(path),
      'graft-archive-alive',
      'graft-archive-file',
      'graft-archive-opening',
      'graft-archive-without-lock-yet',
      'other',
    ].sort(),
  );
  close();
});

test('without its folder it fails, and leaves nothing', async () => {
  await expect(openUnpackFolder(join(temporaryFolder(), 'none'))).rejects.toThrow('ENOENT');
});
