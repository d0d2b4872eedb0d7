import { expect, test } from 'vitest';
import { text } from '../../../console/strings.ts';
import { arrangeFiles } from '../../../console/upload/arrange-files.ts';
import { describeUpload } from '../../../console/upload/describe-upload.ts';
import { openPatience } from '../../../console/upload/patience.ts';
import type { PickedFile } from '../../../console/upload/picked-file.ts';
import { sendUpload } from '../../../console/upload/send-upload.ts';
import type { Transport } from '../../../lib/client/api-request.ts';
import { createClient } from '../../../lib/client/client.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { apiSystem } from '../../support/api.ts';
import { imageNumber } from '../../support/datasets/import-files.ts';

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
async function upload(files: readonly PickedFile[], { change = (send) => send, maxRefused = 1 }: UploadOptions = {}) {
  const { api, world } = apiSystem();
  const client = createClient(change(api, world));
  const { id } = await client.datasets.createUpload({ name: 'pets', maxRefused });
  const steps: unknown[] = [];
  const leftOut: unknown[] = [];
  await sendUpload(client, id, files, {
    onProgress: (progress) => void steps.push(progress),
    onLeftOut: (file) => void leftOut.push(file),
    patience: openPatience(() => {}),
  });
  await runImport(id, world);
  return { progress: steps.at(-1), leftOut, upload: await client.datasets.getUpload(id) };
}

interface UploadOptions {
  readonly change?: (send: Transport, world: ReturnType<typeof apiSystem>['world']) => Transport;
  readonly maxRefused?: number;
}

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

test('an export beside a folder of images labels them, as it does for the command', async () => {
  const tag = (name: string, label: string) => `<image name="${name}"><tag label="${label}"/></image>`;
  const images = [one, two].map((bytes, number) => ({ path: `images/${number}.png`, bytes }));
  const xml = `<annotations><version>1.1</version>${tag('0.png', 'daisy')}${tag('1.png', 'tulip')}</annotations>`;
  const files = picked([{ path: 'annotations.xml', bytes: Buffer.from(xml) }, ...images]);
  const paths = files.map(({ path }) => path);
  const pathOf = arrangeFiles(paths, describeUpload(paths), { isPool: true, label: '' });
  const { upload: sent } = await upload(files.map((file) => ({ ...file, path: pathOf(file.path) })));
  expect(sent.report).toMatchObject({
    classes: [
      { label: 'daisy', images: 1 },
      { label: 'tulip', images: 1 },
    ],
    refused: [],
  });
});

test('files that cannot be read are left out, named and reported', async () => {
  const [cat, damaged, dog] = picked([
    { path: 'cat/a.png', bytes: one },
    { path: 'cat/damaged.png', bytes: new Error('The file could not be read.') },
    { path: 'dog/b.png', bytes: two },
  ]);
  const [gone] = picked([{ path: 'dog/gone.png', bytes: three }]);
  if (!cat || !damaged || !dog || !gone) throw new Error('four files');
  let reads = 0;
  const removed = { ...gone, bytes: () => (reads++ === 0 ? gone.bytes() : Promise.reject(new Error('It was removed.'))) };
  const { progress, leftOut, upload: sent } = await upload([cat, damaged, dog, removed]);
  expect(progress).toMatchObject({ stored: 2, files: 2, storedBytes: one.length + two.length, bytes: one.length + two.length });
  const messageOf = (received: string) =>
    `File unreadable: expected a file that the browser can read, received ${received}. Fix: ${text.upload.readableFix}.`;
  const unread = { path: 'cat/damaged.png', code: 'FILE_UNREADABLE', message: messageOf('The file could not be read') };
  expect(leftOut).toEqual([unread, { path: 'dog/gone.png', code: 'FILE_UNREADABLE', message: messageOf('It was removed') }]);
  expect(sent).toMatchObject({
    state: 'READY',
    report: { accepted: 2, refused: [unread, { path: 'dog/gone.png', code: 'FILE_MISSING' }] },
  });
});

test('an upload fails if more files are left out than may be refused', async () => {
  const pets = picked(
    [one, two, three].map((bytes, number) => ({ path: `${number === 0 ? 'cat' : 'dog'}/${number}.png`, bytes })),
  );
  const damaged = picked([{ path: 'cat/damaged.png', bytes: new Error('no') }]);
  const { upload: sent } = await upload([...pets, ...damaged], { maxRefused: 0.2 });
  expect(sent).toMatchObject({ state: 'FAILED', error: { code: 'TOO_MANY_REFUSED' } });
});

test('of very many files that are left out, the completion names the first, and counts the others', async () => {
  const damaged = picked(Array.from({ length: 600 }, (_, number) => ({ path: `cat/${number}.png`, bytes: new Error('no') })));
  const pets = picked([one, two].map((bytes, number) => ({ path: `dog/${number}.png`, bytes })));
  const completed: unknown[] = [];
  await upload([...damaged, ...pets], {
    change: (send) => (request) => {
      if (request.url.endsWith('/complete')) completed.push(JSON.parse(new TextDecoder().decode(request.body)));
      return send(request);
    },
  });
  expect(completed).toMatchObject([{ parts: 1, files: 2, refused: { length: 500 }, omitted: 100 }]);
});

test('a file that is too large is left out unread', async () => {
  const [cat, large] = picked([
    { path: 'cat/a.png', bytes: one },
    { path: 'cat/film.mp4', bytes: new Error('read') },
  ]);
  if (!cat || !large) throw new Error('two files');
  const { leftOut, progress, upload: sent } = await upload([cat, { ...large, size: 1e8 }]);
  const message = 'File too large: expected at most 67.1 MB, received 100 MB. Fix: make it smaller.';
  const film = { path: 'cat/film.mp4', code: 'FILE_TOO_LARGE', message };
  expect(leftOut).toEqual([film]);
  expect(progress).toMatchObject({ read: 1, files: 1 });
  expect(sent.report?.refused).toEqual([film]);
});

test('no upload is completed without a file', async () => {
  await expect(upload(picked([{ path: 'cat/a.png', bytes: new Error('no') }]))).rejects.toThrow('None of the files can be used.');
});

test('a signed request that has expired is renewed, for all files of its part at once', async () => {
  let listed = 0;
  const pets = picked([one, two, three].map((bytes, index) => ({ path: `${index === 0 ? 'cat' : 'dog'}/${index}.png`, bytes })));
  const { upload: sent, progress } = await upload(pets, {
    change: (send, world) => async (request) => {
      if (request.url.endsWith('/files') && request.method === 'POST') {
        const answer = await send(request);
        // An hour on a slow line.
        if (listed++ === 0) await world.clock.advance(3_601);
        return answer;
      }
      return send(request);
    },
  });
  expect(listed).toBe(2);
  expect(progress).toMatchObject({ stored: 3, files: 3 });
  expect(sent).toMatchObject({ state: 'READY', parts: 1, files: 3 });
});
