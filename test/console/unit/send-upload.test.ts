import { expect, test } from 'vitest';
import { openPatience } from '../../../console/upload/patience.ts';
import { sendUpload } from '../../../console/upload/send-upload.ts';
import { createClient } from '../../../lib/client/client.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { apiSystem } from '../../support/api.ts';
import { imageNumber } from '../../support/import-files.ts';

const [one, two, three] = await Promise.all([imageNumber(1), imageNumber(2), imageNumber(3)]);

/** Sends files, imports them, and returns the last progress and the upload. */
async function upload(files: readonly (readonly [path: string, bytes: Uint8Array])[]) {
  const { api, world } = apiSystem();
  const client = createClient(api);
  const { id } = await client.datasets.createUpload({ name: 'pets', maxRefused: 1 });
  const picked = files.map(([path, bytes]) => ({ path, size: bytes.length, bytes: async () => new Uint8Array(bytes) }));
  const steps: unknown[] = [];
  const patience = openPatience(() => {});
  await sendUpload(client, id, picked, { onProgress: (progress) => void steps.push(progress), patience });
  await runImport(id, world);
  return { progress: steps.at(-1), upload: await client.datasets.getUpload(id) };
}

test('two files with the same path and other bytes are both sent', async () => {
  const { progress, upload: sent } = await upload([
    ['cat/a.png', one],
    ['cat/a.png', two],
    ['dog/b.png', three],
  ]);
  expect(progress).toMatchObject({ read: 3, stored: 3, files: 3 });
  expect(sent).toMatchObject({ parts: 2, files: 3 });
});

test('equal files with the same path are listed once', async () => {
  const pets = [['cat/a.png', one] as const, ['dog/b.png', two] as const];
  const { progress, upload: sent } = await upload([...pets, ...pets]);
  expect(progress).toMatchObject({ read: 4, stored: 4, files: 4 });
  expect(sent).toMatchObject({ parts: 1, files: 2, state: 'READY' });
});
