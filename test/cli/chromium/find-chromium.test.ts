import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { findChromium } from '../../../cli/chromium/find-chromium.ts';
import { scratchFolder } from '../../support/graft.ts';

function program(name: string, mode = 0o755): string {
  const path = join(scratchFolder(), name);
  writeFileSync(path, '');
  chmodSync(path, mode);
  return path;
}

test('GRAFT_CHROMIUM comes before the programs of PATH', () => {
  const [chosen, installed] = [program('mine'), program('chromium')];
  expect(findChromium({ GRAFT_CHROMIUM: chosen, PATH: join(installed, '..') })).toBe(chosen);
});

test('the first program of PATH that is a browser is found', () => {
  const [first, second] = [program('google-chrome'), program('chromium')];
  expect(findChromium({ PATH: [join(first, '..'), join(second, '..')].join(delimiter) })).toBe(second);
});

test.each([
  ['a path that does not exist', () => '/no/such/chromium'],
  ['a file that is no program', () => program('chromium', 0o644)],
  [
    'a folder',
    () => {
      const folder = join(scratchFolder(), 'chromium');
      mkdirSync(folder);
      return folder;
    },
  ],
])('GRAFT_CHROMIUM with %s is an error, whatever else is installed', (_, path) => {
  const GRAFT_CHROMIUM = path();
  expect(() => findChromium({ GRAFT_CHROMIUM, PATH: process.env.PATH })).toThrow(
    expect.objectContaining({ code: 'BROWSER_NOT_FOUND', received: GRAFT_CHROMIUM }),
  );
});
