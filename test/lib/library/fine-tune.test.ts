import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listJobs } from '../../../lib/jobs/job-store.ts';
import { fineTune } from '../../../lib/library/fine-tune.ts';
import { openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import { folderOf, imageNumber } from '../../support/datasets/import-files.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { trashPhotographs } from '../../support/graft.ts';

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

test('a fine-tuning with a webhook, which nobody would call, is refused before the import', async () => {
  const folder = folderOf({ 'pets/cat/a.png': await imageNumber(1), 'pets/dog/b.png': await imageNumber(2) });
  const webhook = { url: 'https://hooks.example.com/graft' };
  const options = { dataset: join(folder, 'pets'), dataDirectory: join(folder, 'data'), webhook };
  await expect(fineTune(options)).rejects.toMatchObject({ code: 'WEBHOOK_UNSUPPORTED', at: 'webhook' });
  expect(readdirSync(folder)).toEqual(['pets']);
});

test('a fine-tuning that takes longer than compute.maxMinutes ends with MAX_MINUTES, as its record says', async () => {
  const dataDirectory = temporaryFolder();
  const tuned = fineTune({ dataset: trashPhotographs, dataDirectory, compute: { maxMinutes: 0.0001 } });
  await expect(tuned).rejects.toMatchObject({ code: 'MAX_MINUTES', at: 'compute.maxMinutes' });
  const world = openEmbeddedWorld(dataDirectory, () => {});
  onTestFinished(() => world.close());
  const { jobs } = await listJobs(world.store, { limit: 2 });
  expect(jobs).toMatchObject([{ state: 'FAILED', error: { code: 'MAX_MINUTES' } }]);
});
