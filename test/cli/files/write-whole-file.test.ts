import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkWritable, writeWholeFile } from '../../../cli/files/write-whole-file.ts';
import { temporaryFolder } from '../../support/folder.ts';

async function* lines(): AsyncGenerator<string> {
  yield 'one\n';
  yield 'two\n';
}

async function* failing(): AsyncGenerator<string> {
  yield 'one\n';
  throw new Error('no model');
}

test.each(['a new file', 'an existing file'])('writes %s, and nothing beside it', async (kind) => {
  const folder = temporaryFolder();
  const file = join(folder, 'lines.jsonl');
  if (kind === 'an existing file') writeFileSync(file, 'earlier\n');
  await writeWholeFile(file, lines());
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
  expect(readdirSync(folder)).toEqual(['lines.jsonl']);
});

test('replaces the file that a link names, and keeps the link', async () => {
  const folder = temporaryFolder();
  const [file, link] = [join(folder, 'lines.jsonl'), join(folder, 'link')];
  writeFileSync(file, 'earlier\n');
  symlinkSync(file, link);
  await writeWholeFile(link, lines());
  expect([readlinkSync(link), readFileSync(file, 'utf8')]).toEqual([file, 'one\ntwo\n']);
});

test.each([
  { links: 'a link', at: 'a', to: { a: 'in/lines.jsonl' } },
  { links: 'a link to a link', at: 'a', to: { a: 'in/b', 'in/b': 'lines.jsonl' } },
])('writes the file that $links names, also if there is none yet', async ({ at, to }) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'in'));
  for (const [link, target] of Object.entries(to)) symlinkSync(target, join(folder, link));
  await writeWholeFile(join(folder, at), lines());
  expect(readFileSync(join(folder, 'in/lines.jsonl'), 'utf8')).toBe('one\ntwo\n');
  for (const [link, target] of Object.entries(to)) expect(readlinkSync(join(folder, link))).toBe(target);
});

test('refuses a link to a file in a folder that does not exist', async () => {
  const link = join(temporaryFolder(), 'link');
  symlinkSync('missing/lines.jsonl', link);
  await expect(checkWritable(link)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE', at: link });
});

test.skipIf(process.platform === 'win32').each(['600', '666', '755'])('keeps the permissions %s of a file', async (octal) => {
  const file = join(temporaryFolder(), 'lines.jsonl');
  const permissionsOf = (name: string) => (statSync(join(dirname(file), name)).mode & 0o777).toString(8);
  writeFileSync(file, 'earlier\n');
  chmodSync(file, octal);
  async function* seen(): AsyncGenerator<string> {
    yield* lines();
    // Nobody else can read what is written so far.
    expect(readdirSync(dirname(file)).map(permissionsOf)).toEqual([octal, octal]);
  }
  await writeWholeFile(file, seen());
  expect(permissionsOf('lines.jsonl')).toBe(octal);
});

// Root may write any file.
test.skipIf(process.getuid?.() === 0)('refuses a read-only file', async () => {
  const file = join(temporaryFolder(), 'lines.jsonl');
  writeFileSync(file, 'earlier\n', { mode: 0o444 });
  await expect(checkWritable(file)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE', at: file });
});

test('keeps the earlier file if the texts fail midway', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'lines.jsonl');
  writeFileSync(file, 'earlier\n');
  await expect(writeWholeFile(file, failing())).rejects.toThrow('no model');
  expect(readFileSync(file, 'utf8')).toBe('earlier\n');
  expect(readdirSync(folder)).toEqual(['lines.jsonl']);
});

test('Ctrl-C removes what is written so far, keeps the earlier file, and ends the process', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'lines.jsonl');
  writeFileSync(file, 'earlier\n');
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const listeners = process.listenerCount('SIGINT');
  async function* interrupted(): AsyncGenerator<string> {
    yield 'one\n';
    process.listeners('SIGINT').at(-1)?.('SIGINT');
    expect(readdirSync(folder)).toEqual(['lines.jsonl']);
    throw new Error('ended');
  }
  await expect(writeWholeFile(file, interrupted())).rejects.toThrow('ended');
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGINT');
  expect(process.listenerCount('SIGINT')).toBe(listeners);
  expect(readFileSync(file, 'utf8')).toBe('earlier\n');
});

test('writes to a pipe directly, and leaves it there', async () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = promisify(execFile)('cat', [pipe]);
  onTestFinished(() => void reader.child.kill());
  await writeWholeFile(pipe, lines());
  expect(statSync(pipe).isFIFO()).toBe(true);
  expect((await reader).stdout).toBe('one\ntwo\n');
});

test('refuses a folder, and a file in a folder that does not exist', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'there'));
  for (const path of [join(folder, 'there'), join(folder, 'missing/lines.jsonl')]) {
    await expect(checkWritable(path)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE', at: path });
  }
});
