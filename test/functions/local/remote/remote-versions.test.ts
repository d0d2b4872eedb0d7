import { expect, test } from 'vitest';
import { localApi } from '../../../../functions/api/dispatch-request.ts';
import { routes } from '../../../../functions/api/routes.ts';
import { getDownload } from '../../../../functions/local/get-download.ts';
import { LINK_MS } from '../../../../functions/local/remote/image-links.ts';
import { openRemoteVersions } from '../../../../functions/local/remote/remote-versions.ts';
import type { ApiRequest, ApiResponse } from '../../../../lib/client/api-request.ts';
import { blobKey } from '../../../../lib/datasets/files/blob-key.ts';
import { recordDocument } from '../../../../lib/datasets/versions/dataset-store.ts';
import { readManifest } from '../../../../lib/datasets/versions/manifest.ts';
import { randomStream } from '../../../../lib/random.ts';
import { changeDocument } from '../../../../lib/store/documents.ts';
import { newId } from '../../../../lib/store/new-id.ts';
import { noisePng } from '../../../support/datasets/noise-png.ts';
import { importStored, uploadBytes } from '../../../support/datasets/upload.ts';
import { recordingCompute, testWorld } from '../../../support/world.ts';

const digest = `sha256-${'0'.repeat(64)}`;
const READS_ALL = Number.MAX_SAFE_INTEGER;

/** A data set of noise in an API elsewhere, and a view of it; `change` changes what the API answers. */
async function opened({ images = 12 } = {}) {
  const elsewhere = testWorld();
  const here = testWorld();
  const random = randomStream(1, 'images');
  const files = Object.fromEntries(Array.from({ length: images }, (_, n) => [`${n % 2 ? 'a' : 'b'}/${n}.png`, noisePng(random)]));
  const listing = await uploadBytes(elsewhere.store, files);
  const report = await importStored({ name: 'noise', files: listing }, elsewhere);
  const services = { world: elsewhere, compute: recordingCompute(), predictor: {} as never };
  const api = localApi([...routes, getDownload(elsewhere.store)], services);
  const sent: string[] = [];
  const remote = { change: (_: ApiRequest, response: ApiResponse): ApiResponse => response };
  const openVersion = openRemoteVersions(async (request) => {
    sent.push(request.url.replace(/\?.*|\/downloads\/.*/, ''));
    return remote.change(request, await api(request));
  }, here);
  const read = async (sha256: string, ref = 'noise') =>
    (await openVersion(ref)).store.getRange(blobKey(sha256), 0, READS_ALL).then((bytes) => Buffer.from(bytes));
  return { elsewhere, here, files, listing, report, sent, remote, openVersion, read };
}

test('a version of an API elsewhere has the rows of its manifest and the bytes of its images', async () => {
  const { elsewhere, files, listing, report, openVersion, read } = await opened();
  const view = await openVersion('noise');
  expect(view).toMatchObject({ dataset: 'noise', digest: report.digest });
  expect([...view.rows]).toEqual([...(await readManifest(report.digest, elsewhere.store))]);
  expect(view.images).toEqual(listing.map(({ sha256 }) => sha256).sort());
  for (const { path, sha256 } of listing) expect(await read(sha256)).toEqual(files[path]);
  const short = `noise@${report.digest.slice(0, 20)}`;
  expect(await openVersion(short)).toMatchObject({ digest: report.digest });
  expect(await openVersion('noise:latest')).toMatchObject({ digest: report.digest });
});

test('the manifest is read once, and one request gets the links of many images', async () => {
  const { sent, read, openVersion } = await opened({ images: 40 });
  const view = await openVersion('noise');
  for (const sha256 of view.images) await read(sha256);
  const described = await Promise.all(view.rows.map((row) => view.describe(row, {})));
  expect(described.every(({ request }) => request?.url.startsWith('/v1/downloads/'))).toBe(true);
  const count = (url: string) => sent.filter((one) => one === url).length;
  expect(sent.filter((one) => /\/(files|images)$/.test(one))).toHaveLength(2);
  // Each image, and the manifest.
  expect(count('/v1')).toBe(41);
});

test('a view promises its links no longer than they are valid', async () => {
  const { here, sent, openVersion } = await opened();
  const linked = () => sent.filter((one) => one.endsWith('/images')).length;
  const describeAll = async () => {
    const view = await openVersion('noise');
    await Promise.all(view.rows.map((row) => view.describe(row, {})));
    return view;
  };
  const { expiresAt } = await describeAll();
  expect(Date.parse(expiresAt) - here.clock.now().getTime()).toBe(LINK_MS);
  await here.clock.advance(LINK_MS / 1000 - 1);
  await describeAll();
  expect(linked()).toBe(1);
  await here.clock.advance(2);
  await describeAll();
  expect(linked()).toBe(2);
});

test('bytes that are not those of the image are refused, and so is another manifest', async () => {
  const { listing, remote, openVersion, read } = await opened();
  const isFile = ({ url }: ApiRequest) => url.startsWith('/v1/downloads/');
  const [{ sha256 } = { sha256: '' }] = listing;
  await openVersion('noise');
  remote.change = (request, response) => (isFile(request) ? { ...response, body: new Uint8Array([1, 2, 3]) } : response);
  await expect(read(sha256)).rejects.toMatchObject({ code: 'IMAGE_CHANGED', expected: `the image with SHA-256 ${sha256}` });

  const other = await opened();
  other.remote.change = (request, response) =>
    isFile(request)
      ? { ...response, body: Buffer.from(Buffer.from(response.body).toString().replace('a/1.png', 'a/x.png')) }
      : response;
  await expect(other.openVersion('noise')).rejects.toMatchObject({ code: 'MANIFEST_CHANGED' });
  // A failure is not kept.
  other.remote.change = (_, response) => response;
  expect(await other.openVersion('noise')).toMatchObject({ dataset: 'noise' });
});

test('a link that expired early is asked for again, and an image that was deleted is missing', async () => {
  const { elsewhere, listing, remote, sent, read } = await opened();
  const [first = '', second = ''] = listing.map(({ sha256 }) => sha256);
  await read(first);
  let refusals = 1;
  remote.change = (request, response) =>
    request.url.startsWith('/v1/downloads/') && refusals-- > 0
      ? { status: 403, body: new TextEncoder().encode('<Error><Code>ExpiredToken</Code></Error>') }
      : response;
  expect(await read(second)).toHaveLength(listing.find(({ sha256 }) => sha256 === second)?.size ?? 0);
  expect(sent.filter((one) => one.endsWith('/images'))).toHaveLength(2);
  await elsewhere.store.delete(blobKey(first));
  await expect(read(first)).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
});

test('the errors of the API pass', async () => {
  const { remote, openVersion } = await opened();
  await expect(openVersion('none')).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  await expect(openVersion(`noise@sha256-${'f'.repeat(64)}`)).rejects.toMatchObject({ code: 'DATASET_VERSION_NOT_FOUND' });
  remote.change = (request, response) =>
    request.url.endsWith('/files') ? { ...response, body: new TextEncoder().encode('{"files":[]}') } : response;
  await expect(openVersion('noise')).rejects.toMatchObject({ code: 'MANIFEST_MISSING', fix: 'graft deploy' });
});

test('a version with too many images, and one whose images stay in S3, have no suggestions', async () => {
  const { elsewhere, sent, openVersion } = await opened();
  const version = { digest, createdAt: new Date(0).toISOString(), images: 20_001 };
  await changeDocument(elsewhere.store, recordDocument, 'large', () => ({ name: 'large', versions: [version] }));
  await expect(openVersion('large')).rejects.toMatchObject({ code: 'SUGGESTIONS_UNSUPPORTED', received: '20001 images' });
  const external = { ...version, images: 2, inPlace: { places: newId('upload', new Date(0)) } };
  await changeDocument(elsewhere.store, recordDocument, 'external', () => ({ name: 'external', versions: [external] }));
  await expect(openVersion('external')).rejects.toMatchObject({
    code: 'SUGGESTIONS_UNSUPPORTED',
    received: expect.stringContaining('stay in S3'),
  });
  // Nothing but the list of versions was asked for.
  expect(sent.filter((one) => !one.endsWith('/versions'))).toEqual([]);
});
