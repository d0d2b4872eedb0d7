import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { writeNewFolder } from '../../../cli/files/write-new-folder.ts';
import { DataError } from '../../../lib/errors.ts';
import { scratchFolder } from '../../support/graft.ts';

const files = [
  { name: 'a.txt', content: 'a' },
  { name: 'b.bin', content: new Uint8Array([1, 2]) },
];

test.each(['a new folder', 'an empty folder', 'a folder in new folders'])('writes %s, and nothing beside it', async (kind) => {
  const outer = scratchFolder();
  const folder = join(outer, kind === 'a folder in new folders' ? 'x/y' : 'x');
  if (kind === 'an empty folder') mkdirSync(folder);
  await writeNewFolder(folder, files);
  expect(readdirSync(outer)).toEqual(['x']);
  expect(readdirSync(folder).sort()).toEqual(['a.txt', 'b.bin']);
  expect([...readFileSync(join(folder, 'b.bin'))]).toEqual([1, 2]);
  // Others may read it as any other folder.
  mkdirSync(join(outer, 'other'));
  expect(statSync(folder).mode).toBe(statSync(join(outer, 'other')).mode);
});

test('refuses a folder that has files, and keeps them', async () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'mine.txt'), 'mine');
  await expect(writeNewFolder(folder, files)).rejects.toMatchObject({ code: 'FOLDER_NOT_EMPTY', at: folder });
  expect(readdirSync(folder)).toEqual(['mine.txt']);
});

test('refuses a file of that name', async () => {
  const file = join(scratchFolder(), 'file');
  writeFileSync(file, 'mine');
  await expect(writeNewFolder(file, files)).rejects.toMatchObject({ code: 'FOLDER_NOT_EMPTY', received: 'a file' });
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test('leaves nothing if a file cannot be written', async () => {
  const outer = scratchFolder();
  const unwritable = [...files, { name: `${files[0]?.name}/below`, content: '' }];
  await expect(writeNewFolder(join(outer, 'x'), unwritable)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect(existsSync(join(outer, 'x'))).toBe(false);
  expect(readdirSync(outer)).toEqual([]);
});

test.each(['../y/a.txt', 'a/../../y', '/../y', '.'])('writes nothing outside the folder: %s', async (name) => {
  const outer = scratchFolder();
  await expect(writeNewFolder(join(outer, 'x'), [...files, { name, content: 'z' }])).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
    received: `${name} is not below the folder`,
  });
  expect(readdirSync(outer)).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s removes what is written so far, and ends the process', async (signal) => {
  const outer = scratchFolder();
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  onTestFinished(() => kill.mockRestore());
  const listeners = process.listenerCount(signal);
  async function* interrupted() {
    yield { name: 'a/b.txt', content: 'b' };
    process.listeners(signal).at(-1)?.(signal);
    expect(readdirSync(outer)).toEqual([]);
    throw new DataError('ENDED');
  }
  await expect(writeNewFolder(join(outer, 'x'), interrupted())).rejects.toMatchObject({ code: 'ENDED' });
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, signal);
  expect(process.listenerCount(signal)).toBe(listeners);
});
