import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openScratch } from '../../../lib/local/scratch.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('a file of a file manager among the scratch folders stays, and does no harm', () => {
  const root = temporaryFolder();
  const stray = join(root, '.DS_Store');
  writeFileSync(stray, '');
  const scratch = openScratch(root);
  expect(existsSync(dirname(scratch.draft()))).toBe(true);
  scratch.close();
  expect(existsSync(stray)).toBe(true);
});
