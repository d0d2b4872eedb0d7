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

test.each(['lib', 'functions', 'cli', 'infra'])('test/%s has no folder that the code lacks', (folder) => {
  const files = globSync(`test/${folder}/**/*.ts`, { cwd: root });
  const folders = [...new Set(files.map(dirname))].filter((path) => !OF_TESTS.includes(basename(path)));
  expect(folders.length).toBeGreaterThan(1);
  expect(folders.filter((path) => !existsSync(join(root, path.slice('test/'.length))))).toEqual([]);
});

test.each(['client', 'library', 'pipeline'])('lib/%s has tests of its own', (folder) => {
  expect(globSync(`test/lib/${folder}/**/*.test.ts`, { cwd: root })).not.toEqual([]);
});
