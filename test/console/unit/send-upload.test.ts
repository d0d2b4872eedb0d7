import { expect, test } from 'vitest';
import { openPatience } from '../../../console/upload/patience.ts';
import type { PickedFile } from '../../../console/upload/picked-file.ts';
import { sendUpload } from '../../../console/upload/send-upload.ts';
import type { Transport } from '../../../lib/client/api-request.ts';
import { createClient } from '../../../lib/client/client.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { apiSystem } from '../../support/api.ts';
import { imageNumber } from '../../support/import-files.ts';

const [one, two, three] = await Promise.all([imageNumber(1), imageNumber(2), imageNumber(3)]);

interface Sent {
  readonly path: string;
  readonly bytes: Uint8Array | Error;
}

function picked(files: readonly Sent[]): PickedFile[] {
  return files.map(({ path, bytes }) => ({
    path,
    size: bytes instanceof Error ? 1_000 : bytes.length,
    bytes: async () => {
      if (bytes instanceof Error) throw bytes;
      return new Uint8Array(bytes);
    },
  }));
}

/** Sends files, imports them, and returns the last progress, the files that were left out, and the upload. */
async function upload(files: readonly PickedFile[], change: (send: Transport, world: TestWorld) => Transport = (send) => send) {
  const { api, world } = apiSystem();
  const client = createClient(change(api, world));
  const { id } = await client.datasets.createUpload({ name: 'pets', maxRefused: 1 });
  const steps: unknown[] = [];
  const unreadable: unknown[] = [];
  await sendUpload(client, id, files, {
    onProgress: (progress) => void steps.push(progress),
    onUnreadable: (file) => void unreadable.push(file),
    patience: openPatience(() => {}),
  });
  await runImport(id, world);
  return { progress: steps.at(-1), unreadable, upload: await client.datasets.getUpload(id) };
}

type TestWorld = ReturnType<typeof apiSystem>['world'];

test('two files with the same path and other bytes are both sent', async () => {
  const { progress, upload: sent } = await upload(
    picked([
      { path: 'cat/a.png', bytes: one },
      { path: 'cat/a.png', bytes: two },
      { path: 'dog/b.png', bytes: three },
    ]),
  );
  expect(progress).toMatchObject({ read: 3, stored: 3, files: 3 });
  expect(sent).toMatchObject({ parts: 2, files: 3 });
});

test('equal files with the same path are listed once', async () => {
  const pets = [
    { path: 'cat/a.png', bytes: one },
    { path: 'dog/b.png', bytes: two },
  ];
  const { progress, upload: sent } = await upload(picked([...pets, ...pets]));
  expect(progress).toMatchObject({ read: 4, stored: 4, files: 4 });
  expect(sent).toMatchObject({ parts: 1, files: 2, state: 'READY' });
});

test('files that cannot be read are left out, and named', async () => {
  const [cat, damaged, dog] = picked([
    { path: 'cat/a.png', bytes: one },
    { path: 'cat/damaged.png', bytes: new Error('The file could not be read.') },
    { path: 'dog/b.png', bytes: two },
  ]);
  const [gone] = picked([{ path: 'dog/gone.png', bytes: three }]);
  if (!cat || !damaged || !dog || !gone) throw new Error('four files');
  let reads = 0;
  const removed = { ...gone, bytes: () => (reads++ === 0 ? gone.bytes() : Promise.reject(new Error('It was removed.'))) };
  const { progress, unreadable, upload: sent } = await upload([cat, damaged, dog, removed]);
  expect(progress).toMatchObject({ stored: 2, files: 2, storedBytes: one.length + two.length, bytes: one.length + two.length });
  expect(unreadable).toEqual([
    { path: 'cat/damaged.png', reason: 'The file could not be read.' },
    { path: 'dog/gone.png', reason: 'It was removed.' },
  ]);
  expect(sent).toMatchObject({
    state: 'READY',
    report: { accepted: 2, refused: [{ path: 'dog/gone.png', code: 'FILE_MISSING' }] },
  });
});

test('a file that is too large is left out unread', async () => {
  const [cat, film] = picked([
    { path: 'cat/a.png', bytes: one },
    { path: 'cat/film.mp4', bytes: new Error('read') },
  ]);
  if (!cat || !film) throw new Error('two files');
  const { unreadable, progress } = await upload([cat, { ...film, size: 1e8 }]);
  expect(unreadable).toEqual([{ path: 'cat/film.mp4', reason: 'It has 100 MB, and at most 67.1 MB can be used.' }]);
  expect(progress).toMatchObject({ read: 1, files: 1 });
});

test('no upload is completed without a file', async () => {
  await expect(upload(picked([{ path: 'cat/a.png', bytes: new Error('no') }]))).rejects.toThrow('None of the files can be read.');
});

test('a signed request that has expired is renewed, for all files of its part at once', async () => {
  let listed = 0;
  const pets = picked([one, two, three].map((bytes, index) => ({ path: `${index === 0 ? 'cat' : 'dog'}/${index}.png`, bytes })));
  const { upload: sent, progress } = await upload(pets, (send, world) => async (request) => {
    if (request.url.endsWith('/files') && request.method === 'POST') {
      const answer = await send(request);
      // An hour on a slow line.
      if (listed++ === 0) await world.clock.advance(3_601);
      return answer;
    }
    return send(request);
  });
  expect(listed).toBe(2);
  expect(progress).toMatchObject({ stored: 3, files: 3 });
  expect(sent).toMatchObject({ state: 'READY', parts: 1, files: 3 });
});
