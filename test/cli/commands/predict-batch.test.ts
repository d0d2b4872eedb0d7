import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { predictBatch } from '../../../cli/commands/predict-batch.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { imagesTooLarge } from '../../../lib/inference/read-uri.ts';
import { temporaryFolder } from '../../support/folder.ts';

const MOST_BYTES = 4 * 2 ** 20;

test('an image that is too large for a request has its error on its line, and the others their predictions', async () => {
  const folder = temporaryFolder();
  const sizes = { 'a.jpg': 1, 'b.jpg': MOST_BYTES + 1, 'c.jpg': MOST_BYTES, 'd.jpg': 1 };
  for (const [name, size] of Object.entries(sizes)) await writeFile(join(folder, name), new Uint8Array(size));
  const out = join(temporaryFolder(), 'lines.jsonl');
  const results: unknown[] = [];
  const output = { progress: () => {}, endProgress: () => {}, result: (value: unknown) => results.push(value) };
  await predictBatch('flowers', folder, { out }, { client: limitedClient } as unknown as Context, output as unknown as Output);

  const lines = (await readFile(out, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    predictionOf(join(folder, 'a.jpg')),
    { image: join(folder, 'b.jpg'), error: { code: 'FILE_TOO_LARGE', message: expect.stringContaining(`${MOST_BYTES} bytes`) } },
    predictionOf(join(folder, 'c.jpg')),
    predictionOf(join(folder, 'd.jpg')),
  ]);
  expect(results).toMatchObject([{ images: 4, failed: 1 }]);
});

test('a file that cannot be read has its error on its line, and the others their predictions', async () => {
  const folder = temporaryFolder();
  const [a, b, gone, replaced, e] = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  // Two requests, so that the files after the first are not read yet.
  for (const path of [a, b]) await writeFile(path, new Uint8Array(MOST_BYTES));
  for (const path of [gone, replaced, e]) await writeFile(path, new Uint8Array(1));
  const models = {
    async predict(...request: Parameters<typeof limitedClient.models.predict>) {
      await rm(gone, { force: true });
      await rm(replaced, { force: true, recursive: true });
      await mkdir(replaced);
      return limitedClient.models.predict(...request);
    },
  };
  const out = join(temporaryFolder(), 'lines.jsonl');
  const output = { progress: () => {}, endProgress: () => {}, result: () => {} };
  await predictBatch('flowers', folder, { out }, { client: { models } } as unknown as Context, output as unknown as Output);
  const lines = (await readFile(out, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    predictionOf(a),
    predictionOf(b),
    { image: gone, error: { code: 'FILE_NOT_FOUND', message: expect.any(String) } },
    { image: replaced, error: { code: 'FILE_UNREADABLE', message: expect.any(String) } },
    predictionOf(e),
  ]);
});

test('a decomposed name is found, and a link out of the folder has its error on its line', async () => {
  const folder = temporaryFolder();
  const outside = join(temporaryFolder(), 'out.jpg');
  // As an archive from macOS has it.
  await writeFile(join(folder, 'été.jpg'.normalize('NFD')), new Uint8Array(1));
  await writeFile(outside, new Uint8Array(1));
  await symlink(outside, join(folder, 'out.jpg'));
  const out = join(temporaryFolder(), 'lines.jsonl');
  const results: unknown[] = [];
  const output = { progress: () => {}, endProgress: () => {}, result: (value: unknown) => results.push(value) };
  await predictBatch('flowers', folder, { out }, { client: limitedClient } as unknown as Context, output as unknown as Output);
  const lines = (await readFile(out, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { image: join(folder, 'out.jpg'), error: { code: 'LINK_NOT_FOLLOWED', message: expect.any(String) } },
    predictionOf(join(folder, 'été.jpg'.normalize('NFC'))),
  ]);
  expect(results).toMatchObject([{ images: 2, failed: 1 }]);
});

test('all requests for a folder use the version of the first response, which the result names', async () => {
  const folder = temporaryFolder();
  for (let i = 0; i < 70; i++) await writeFile(join(folder, `${i}.jpg`), new Uint8Array(1));
  const refs: string[] = [];
  const models = {
    async predict(ref: string, images: { name: string; bytes: Uint8Array }[]) {
      refs.push(ref);
      // Another version is promoted after each request.
      const version = ref === 'flowers:prod' ? 2 + refs.length : Number(ref.split('@')[1]);
      return { ...(await limitedClient.models.predict(ref, images)), version };
    },
  };
  const results: unknown[] = [];
  const output = { progress: () => {}, endProgress: () => {}, result: (value: unknown) => results.push(value) };
  const context = { client: { models } } as unknown as Context;
  const out = join(temporaryFolder(), 'lines.jsonl');
  await predictBatch('flowers:prod', folder, { out }, context, output as unknown as Output);
  expect(refs).toEqual(['flowers:prod', 'flowers@3', 'flowers@3']);
  expect(results).toEqual([{ model: 'flowers:prod', version: 3, images: 70, failed: 0, output: out }]);
});

const predictionOf = (image: string) => ({ image, labels: [], abstained: false });

/** Refuses what the API refuses. */
const limitedClient = {
  models: {
    async predict(_: string, images: { name: string; bytes: Uint8Array }[]) {
      const bytes = images.reduce((sum, image) => sum + image.bytes.length, 0);
      if (bytes > MOST_BYTES) throw imagesTooLarge('images.0', MOST_BYTES);
      return { model: 'flowers', version: 1, predictions: images.map(({ name }) => predictionOf(name)) };
    },
  },
};

test.each([
  { named: 'by its path', link: undefined, out: 'in/answers.jsonl' },
  { named: 'by a link', link: { at: 'link.jsonl', to: 'in/answers.jsonl' }, out: 'link.jsonl' },
  { named: 'below a link to the folder', link: { at: '../link', to: '.' }, out: '../link/in/answers.jsonl' },
])('neither an earlier output, named $named, nor parts of it are images of a folder', async ({ link, out }) => {
  const folder = join(temporaryFolder(), 'images');
  await mkdir(join(folder, 'in'), { recursive: true });
  const unfinished = `in/.answers.jsonl-${randomUUID()}`;
  for (const name of ['in/a.jpg', 'in/answers.jsonl', unfinished, 'answers.jsonl', 'in/.answers.jsonl-copy'])
    await writeFile(join(folder, name), 'earlier\n');
  if (link !== undefined) await symlink(join(folder, link.to), join(folder, link.at));
  const output = { progress: () => {}, endProgress: () => {}, result: () => {} };
  const context = { client: limitedClient } as unknown as Context;
  await predictBatch('flowers', folder, { out: join(folder, out) }, context, output as unknown as Output);

  const lines = (await readFile(join(folder, 'in/answers.jsonl'), 'utf8')).trim().split('\n');
  const images = ['answers.jsonl', 'in/.answers.jsonl-copy', 'in/a.jpg'].map((name) => join(folder, name));
  expect(lines.map((line) => JSON.parse(line).image)).toEqual(images);
});

test('an output file that cannot be written is refused before any request', async () => {
  const out = join(temporaryFolder(), 'missing/lines.jsonl');
  const predicted = predictBatch('flowers', 'flowers', { out }, {} as unknown as Context, {} as unknown as Output);
  await expect(predicted).rejects.toMatchObject({ code: 'FILE_UNWRITABLE', at: out });
});
