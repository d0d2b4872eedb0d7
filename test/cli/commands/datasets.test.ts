import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataset, datasetDiff } from '../../../cli/commands/datasets.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { storeOf } from '../../../cli/store-of.ts';
import type { ApiRequest, ApiResponse } from '../../../lib/client/api-request.ts';
import { createClient } from '../../../lib/client/client.ts';
import { describeVersion } from '../../../lib/datasets/checks/describe-version.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { rowsFrom } from '../../../lib/datasets/tables/rows.ts';
import { recordDocument } from '../../../lib/datasets/versions/dataset-store.ts';
import { manifestDigest, putManifest } from '../../../lib/datasets/versions/manifest.ts';
import { writeReport } from '../../../lib/datasets/versions/report-store.ts';
import { changeDocument } from '../../../lib/store/documents.ts';
import { apiSystem } from '../../support/api.ts';
import { imageNumber } from '../../support/datasets/import-files.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { temporaryFolder } from '../../support/folder.ts';

const images = await Promise.all(Array.from({ length: 4 }, (_, number) => imageNumber(number)));

/** An API with two versions of a data set, and a command that has its store, or only its client. */
async function opened() {
  const { api, world } = apiSystem();
  const { store } = world;
  const load = async (files: Readonly<Record<string, number>>) => {
    const bytes = Object.fromEntries(Object.entries(files).map(([path, number]) => [path, images[number]!]));
    const listing = await uploadBytes(store, bytes);
    return (await importStored({ name: 'pets', files: listing }, world)).digest;
  };
  const first = await load({ 'cat/a.png': 0, 'dog/b.png': 1, 'dog/c.png': 2 });
  const second = await load({ 'cat/a.png': 3, 'dog/b.png': 1, 'dog/d.png': 2 });
  const remote = { change: (_: ApiRequest, response: ApiResponse): ApiResponse => response };
  const elsewhere = createClient(async (request) => remote.change(request, await api(request)));
  const contexts = { here: { client: createClient(api), store }, elsewhere: { client: elsewhere, store: undefined } };
  const run = async (where: keyof typeof contexts, command: (context: Context, output: Output) => Promise<number>) => {
    let [document, text]: [unknown, string] = [undefined, ''];
    const output = { result: (value: unknown, shown: string) => ([document, text] = [value, shown]) };
    await command(contexts[where] as unknown as Context, output as unknown as Output);
    return { document, text };
  };
  return { store, first, second, remote, run };
}

test('graft dataset-diff compares two versions of an API elsewhere as it compares those of its store', async () => {
  const { first, second, run } = await opened();
  const diff = (where: 'here' | 'elsewhere') =>
    run(where, (context, output) => datasetDiff(`pets@${first}`, 'pets:latest', context, output));
  const found = await diff('elsewhere');
  expect(found.document).toMatchObject({
    a: `pets@${first}`,
    b: `pets@${second}`,
    added: ['dog/d.png'],
    removed: ['dog/c.png'],
    changed: [{ path: 'cat/a.png', what: ['bytes'] }],
  });
  expect(found).toEqual(await diff('here'));
});

test('graft dataset --html writes the page of an API elsewhere as that of its store, without images that are gone', async () => {
  const { store, run } = await opened();
  const folder = temporaryFolder();
  const page = async (where: 'here' | 'elsewhere') => {
    const html = join(folder, `${where}.html`);
    await run(where, (context, output) => dataset('pets', { html }, context, output));
    return readFileSync(html, 'utf8');
  };
  expect((await page('elsewhere')).match(/data:image\/jpeg;base64,/g)).toHaveLength(3);
  expect(await page('elsewhere')).toBe(await page('here'));
  const [{ sha256 } = { sha256: '' }] = await uploadBytes(store, { 'a.png': images[3]! });
  await store.delete(blobKey(sha256));
  expect((await page('elsewhere')).match(/data:image\/jpeg;base64,/g)).toHaveLength(2);
});

/** What S3 answers to the requests of files from the given one on, the manifest being the first. */
function refusing(status: number, code: string, { from, to = Number.POSITIVE_INFINITY }: { from: number; to?: number }) {
  let files = 0;
  return ({ url }: ApiRequest, response: ApiResponse): ApiResponse => {
    if (!url.startsWith('/v1/downloads/')) return response;
    files++;
    return files < from || files > to ? response : { status, body: Buffer.from(`<Error><Code>${code}</Code></Error>`) };
  };
}

test('a file that the store of an API elsewhere does not have is missing, and one that it refuses is an error', async () => {
  const { first, remote, run } = await opened();
  const html = join(temporaryFolder(), 'page.html');
  const page = async () => {
    await run('elsewhere', (context, output) => dataset('pets', { html }, context, output));
    return readFileSync(html, 'utf8').match(/data:image\/jpeg;base64,/g)?.length ?? 0;
  };
  const diff = () => run('elsewhere', (context, output) => datasetDiff(`pets@${first}`, 'pets', context, output));
  remote.change = refusing(404, 'NoSuchKey', { from: 1 });
  await expect(diff()).rejects.toMatchObject({ code: 'MANIFEST_MISSING', received: 'none: it may have been deleted' });
  await expect(page()).rejects.toMatchObject({ code: 'MANIFEST_MISSING' });
  remote.change = refusing(404, 'NoSuchKey', { from: 2 });
  expect(await page()).toBe(0);
  remote.change = refusing(403, 'SignatureDoesNotMatch', { from: 2 });
  await expect(page()).rejects.toMatchObject({ received: 'status 403, SignatureDoesNotMatch' });
  // Each link is asked for again once.
  remote.change = refusing(403, 'ExpiredToken', { from: 2, to: 2 });
  expect(await page()).toBe(3);
  remote.change = refusing(403, 'ExpiredToken', { from: 2 });
  await expect(page()).rejects.toMatchObject({ code: 'DOWNLOAD_EXPIRED' });
});

test('graft dataset --html asks an API elsewhere once for the link of each image, however many the page has', async () => {
  const { api, world } = apiSystem();
  const rows = rowsFrom(2_500, (number) => ({
    path: `${number}.png`,
    labels: [`class-${String(number % 320).padStart(3, '0')}`],
    sha256: createHash('sha256').update(`${number}`).digest('hex'),
    bytes: 1,
    width: 1,
    height: 1,
  }));
  const digest = manifestDigest(rows);
  await putManifest(digest, rows, world.store);
  await writeReport(describeVersion('many', digest, rows, [], []), world.store);
  const version = { digest, createdAt: world.clock.now().toISOString(), images: rows.length };
  await changeDocument(world.store, recordDocument, 'many', () => ({ name: 'many', versions: [version] }));
  let asked = 0;
  const client = createClient((request) => {
    if (request.url.includes('/images')) asked++;
    return api(request);
  });
  const html = join(temporaryFolder(), 'many.html');
  await dataset('many', { html }, { client } as Context, { result: () => {} } as unknown as Output);
  expect(asked).toBe(13);
});

test.each(['--remote', 'GRAFT_API'] as const)(
  'an error of a command that needs the store names %s, which named the API',
  (namedBy) => {
    expect(() => storeOf({ store: undefined, namedBy } as Context)).toThrow(
      expect.objectContaining({ code: 'STORE_NOT_LOCAL', at: namedBy, fix: expect.stringContaining(`without ${namedBy} `) }),
    );
  },
);
