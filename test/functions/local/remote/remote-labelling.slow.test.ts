import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { localApi } from '../../../../functions/api/dispatch-request.ts';
import { routes } from '../../../../functions/api/routes.ts';
import { consoleProxy } from '../../../../functions/local/console-proxy.ts';
import { findRoutes } from '../../../../functions/local/find-routes.ts';
import { getDownload } from '../../../../functions/local/get-download.ts';
import { openLabellingService } from '../../../../functions/local/labelling-service.ts';
import { openRemoteLabelling } from '../../../../functions/local/remote/remote-labelling.ts';
import type { Transport } from '../../../../lib/client/api-request.ts';
import { createClient } from '../../../../lib/client/client.ts';
import { openVersionView } from '../../../../lib/labelling/open-version-view.ts';
import { importStored, uploadBytes } from '../../../support/datasets/upload.ts';
import { root } from '../../../support/docs/pages.ts';
import { recordingCompute, testWorld } from '../../../support/world.ts';

const photographs = join(root, 'assets/sample-trashnet');
const API = 'https://abc.execute-api.eu-central-1.amazonaws.com';
const log = () => {};

function photographsOf(label: string, from: number, to: number): Record<string, Buffer> {
  const names = readdirSync(join(photographs, label)).slice(from, to);
  return Object.fromEntries(
    names.map((name, number) => [`${label}/${from + number}.jpg`, readFileSync(join(photographs, label, name))]),
  );
}

/** An API elsewhere with twelve photographs of two classes, which does not serve suggestions; `dev` does, of the same store. */
async function opened() {
  const world = testWorld();
  const services = { world, compute: recordingCompute(), predictor: {} as never };
  const files = [getDownload(world.store)];
  const api = localApi([...routes, ...files], services);
  const service = openLabellingService(log, (ref) => openVersionView(ref, world));
  const directory = join(mkdtempSync(join(tmpdir(), 'graft-console-')), 'cache');
  onTestFinished(() => rmSync(join(directory, '..'), { recursive: true }));
  onTestFinished(() => service.close());
  let downloads = 0;
  const send: Transport = (request) => {
    if (request.url.startsWith('/v1/downloads/')) downloads++;
    return api(request);
  };
  const add = async (given: Record<string, Buffer>) =>
    importStored({ name: 'bins', files: await uploadBytes(world.store, given) }, world);
  await add({ ...photographsOf('glass', 0, 6), ...photographsOf('paper', 0, 6) });
  return {
    directory,
    add,
    api,
    dev: createClient(localApi([...routes, ...files, ...findRoutes(service)], services)),
    takeDownloads: () => {
      const taken = downloads;
      downloads = 0;
      return taken;
    },
    /** graft console, as it starts. */
    start() {
      const labelling = openRemoteLabelling({ send, directory, log });
      return { client: createClient(consoleProxy(API, send, { labelling })), close: () => labelling.close() };
    },
  };
}

const contents = ({ next }: { next: readonly { sha256: string; reason: string }[] }) =>
  next.map(({ sha256, reason }) => [sha256, reason]);

async function readyOf<Found extends { readonly state: string }>(ask: () => Promise<Found>): Promise<Found> {
  await expect.poll(ask, { timeout: 120_000, interval: 200 }).toMatchObject({ state: 'ready' });
  return ask();
}

test('graft console suggests and finds as graft dev does, and computes the features of new images only', {
  timeout: 400_000,
}, async () => {
  const { directory, add, api, dev, start, takeDownloads } = await opened();
  const absent = await api({ method: 'GET', url: '/v1/datasets/bins/suggestions', headers: {} });
  expect(absent.status).toBe(404);

  const first = start();
  expect(await first.client.datasets.suggestions('bins')).toMatchObject({ state: 'preparing', suggestions: [], next: [] });
  const found = await readyOf(() => first.client.datasets.suggestions('bins', { next: 8 }));
  const expected = await readyOf(() => dev.datasets.suggestions('bins', { next: 8 }));
  expect(found).toMatchObject({ digest: expected.digest, labelled: 12, classes: expected.classes, accuracy: expected.accuracy });
  expect(contents(found)).toEqual(contents(expected));
  const [image] = (await first.client.datasets.images('bins', { limit: 1 })).images;
  const like = await readyOf(() => first.client.datasets.similar('bins', image!.path, { limit: 5 }));
  const likeDev = await dev.datasets.similar('bins', image!.path, { limit: 5 });
  expect(like.similar.map(({ path, similarity }) => [path, similarity])).toEqual(
    likeDev.similar.map(({ path, similarity }) => [path, similarity]),
  );
  expect((await first.client.fetchFile({ request: like.similar[0]!.request! })).length).toBeGreaterThan(1_000);
  const map = await readyOf(() => first.client.datasets.map('bins'));
  expect(map.x).toHaveLength(12);
  expect(await first.client.datasets.pairs('bins')).toMatchObject({ state: 'ready', total: expect.any(Number) });
  expect(await first.client.datasets.unknown('bins')).toMatchObject({ state: 'ready', images: [] });
  await first.close();
  // Each image and the manifest, and the one that the page showed.
  expect(takeDownloads()).toBe(12 + 1 + 1);
  expect(statSync(directory).mode & 0o077).toBe(0);

  const second = start();
  expect(contents(await readyOf(() => second.client.datasets.suggestions('bins', { next: 8 })))).toEqual(contents(found));
  expect(takeDownloads()).toBe(1);
  // A version with one more image, without a label.
  await add({ ...photographsOf('glass', 0, 6), ...photographsOf('paper', 0, 6), ...unlabelled() });
  const more = await readyOf(() => second.client.datasets.suggestions('bins', { next: 8 }));
  expect(more).toMatchObject({ labelled: 12, unlabelled: 1 });
  expect(takeDownloads()).toBe(2);
  await second.close();
});

function unlabelled(): Record<string, Buffer> {
  return Object.fromEntries(Object.values(photographsOf('metal', 0, 1)).map((bytes) => ['unlabelled/1.jpg', bytes]));
}
