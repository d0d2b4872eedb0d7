/**
 * A test of one file has its name and stands where it stands; what several files do together is tested in the folder of
 * theirs.
 */
import { existsSync, globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './support/pages.ts';

/** Programs that tests start, and what vitest writes. */
const OF_TESTS = ['scripts', '__snapshots__'];

test.each(['lib', 'functions', 'cli', 'infra'])('test/%s has no folder that the code lacks', (room) => {
  const files = globSync(`test/${room}/**/*.ts`, { cwd: root });
  const folders = [...new Set(files.map(dirname))].filter((folder) => !OF_TESTS.includes(basename(folder)));
  expect(folders.length).toBeGreaterThan(1);
  expect(folders.filter((folder) => !existsSync(join(root, folder.slice('test/'.length))))).toEqual([]);
});

test.each(['client', 'library', 'pipeline'])('lib/%s has tests of its own', (room) => {
  expect(globSync(`test/lib/${room}/**/*.test.ts`, { cwd: root })).not.toEqual([]);
});
