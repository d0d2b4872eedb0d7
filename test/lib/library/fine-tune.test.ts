import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fineTune } from '../../../lib/library/fine-tune.ts';
import { folderOf, imageNumber } from '../../support/import-files.ts';

test('a model with the name of a pretrained one is refused before the import', async () => {
  const folder = folderOf({ 'pets/cat/a.png': await imageNumber(1), 'pets/dog/b.png': await imageNumber(2) });
  const tuned = fineTune({ name: 'imagenet.pets', dataset: join(folder, 'pets'), dataDirectory: join(folder, 'data') });
  await expect(tuned).rejects.toMatchObject({ code: 'MODEL_NAME_RESERVED' });
  expect(readdirSync(folder)).toEqual(['pets']);
});

test('a fine-tuning that is aborted before it begins imports nothing', async () => {
  const folder = folderOf({ 'pets/cat/a.png': await imageNumber(1), 'pets/dog/b.png': await imageNumber(2) });
  const signal = AbortSignal.abort(new Error('stopped'));
  const tuned = fineTune({ dataset: join(folder, 'pets'), dataDirectory: join(folder, 'data'), signal });
  await expect(tuned).rejects.toThrow('stopped');
  expect(readdirSync(folder)).toEqual(['pets']);
});
