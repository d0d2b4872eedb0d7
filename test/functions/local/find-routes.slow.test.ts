import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { localApi } from '../../../functions/api/dispatch-request.ts';
import { routes } from '../../../functions/api/routes.ts';
import { findRoutes } from '../../../functions/local/find-routes.ts';
import { getDownload } from '../../../functions/local/get-download.ts';
import { openLabellingService } from '../../../functions/local/labelling-service.ts';
import { createClient } from '../../../lib/client/client.ts';
import { openVersionView } from '../../../lib/labelling/open-version-view.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { root } from '../../support/docs/pages.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const photographs = join(root, 'assets/sample-trashnet');
const CLASSES = ['glass', 'paper'];

/** Forty photographs of two classes, without their labels. */
async function opened() {
  const world = testWorld({});
  const service = openLabellingService(
    () => {},
    (ref) => openVersionView(ref, world),
  );
  onTestFinished(() => service.close());
  const services = { world, compute: recordingCompute(), predictor: {} as never };
  const client = createClient(localApi([...routes, ...findRoutes(service), getDownload(world.store)], services, {}));
  const truth = new Map<string, string>();
  const files: Record<string, Buffer> = {};
  for (const label of CLASSES)
    for (const name of readdirSync(join(photographs, label)).slice(0, 20)) {
      const path = `${truth.size}.jpg`;
      truth.set(path, label);
      files[path] = readFileSync(join(photographs, label, name));
    }
  const listing = await uploadBytes(world.store, files);
  await importStored({ name: 'bins', files: listing }, world);
  const ready = async (options = {}) => {
    const found = await expect
      .poll(() => client.datasets.suggestions('bins', options), { timeout: 60_000, interval: 200 })
      .toMatchObject({ state: 'ready' })
      .then(() => client.datasets.suggestions('bins', options));
    return found;
  };
  const labelled = (paths: readonly string[]) => paths.map((image) => ({ image, labels: [truth.get(image) ?? ''] }));
  return { client, world, truth, ready, labelled };
}

test('a person labels what is asked, and gets suggestions and an accuracy of test images', { timeout: 120_000 }, async () => {
  const { client, truth, ready, labelled } = await opened();
  expect(await client.datasets.suggestions('bins')).toMatchObject({ state: 'preparing', suggestions: [], next: [] });
  const cold = await ready({ next: 8 });
  expect(cold).toMatchObject({ labelled: 0, unlabelled: 40, suggestions: [] });
  expect(cold).not.toHaveProperty('accuracy');
  expect(cold.next.map(({ reason }) => reason).sort()).toEqual([...Array(5).fill('informative'), 'random', 'test', 'test']);
  expect(cold.next.every(({ reason, split }) => (reason === 'test') === (split === 'test'))).toBe(true);
  const [first] = cold.next;
  expect((await client.fetchFile({ request: first!.request! })).length).toBeGreaterThan(1000);

  let state = cold;
  while (state.suggestions.length === 0) {
    await client.datasets.setLabels('bins', { base: state.digest, labels: labelled(state.next.map(({ path }) => path)) });
    state = await ready({ next: 8, limit: 200 });
  }
  expect(state.labelled).toBeLessThan(40);
  expect(state.accuracy).toMatchObject({ method: 'leave-one-out', images: expect.any(Number) });
  // Test images are never suggested, so that no model labels them.
  expect(state.suggestions.filter(({ split }) => split === 'test')).toEqual([]);
  const confidences = state.suggestions.map(({ confidence }) => confidence);
  expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
  const right = state.suggestions.filter(({ path, suggested }) => truth.get(path) === suggested).length;
  expect(right / state.suggestions.length).toBeGreaterThan(0.7);
  expect(await client.datasets.suggestions('bins', { limit: 200, next: 8 })).toEqual({ ...state, ...expiry(state) });
});

test('images are found by their features: similar ones, unknown ones, doubtful labels, and a map', {
  timeout: 180_000,
}, async () => {
  const { client, truth, ready } = await opened();
  await ready();
  const { images } = await client.datasets.images('bins', { limit: 200 });
  const [first, second] = images;
  const like = await client.datasets.similar('bins', first!.sha256, { limit: 5 });
  expect(like).toMatchObject({ state: 'ready', image: { path: first!.path } });
  expect(like.similar.map(({ path }) => path)).not.toContain(first!.path);
  const similarities = like.similar.map(({ similarity }) => similarity);
  expect(similarities).toEqual(similarities.toSorted((a, b) => b - a));
  await expect(client.datasets.similar('bins', 'no.jpg')).rejects.toMatchObject({ code: 'SIMILAR_IMAGE_NOT_FOUND' });

  expect(await client.datasets.unknown('bins')).toMatchObject({ state: 'ready', images: [] });
  expect(await client.datasets.pairs('bins')).toMatchObject({ state: 'ready', pairs: [], total: 0 });
  // All get their true labels but one paper, which gets the other.
  const wrong = images.find(({ path }) => truth.get(path) === 'paper')!.path;
  const labels = images.map(({ path }) => ({ image: path, labels: [path === wrong ? 'glass' : (truth.get(path) ?? '')] }));
  const pool = images.filter(({ split }) => split !== 'test').slice(-3);
  await client.datasets.setLabels('bins', { labels: labels.filter(({ image }) => !pool.some(({ path }) => path === image)) });
  const unknown = await client.datasets.unknown('bins');
  expect(unknown.images.map(({ path }) => path).sort()).toEqual(pool.map(({ path }) => path).sort());
  expect(unknown.images[0]!.similarity).toBeLessThanOrEqual(unknown.images[2]!.similarity);
  const { pairs } = await client.datasets.pairs('bins');
  expect(pairs.every(({ left, right }) => left.labels[0] !== right.labels[0])).toBe(true);

  expect(await client.datasets.map('bins')).toMatchObject({ state: 'preparing', x: [] });
  await expect.poll(() => client.datasets.map('bins'), { timeout: 60_000, interval: 200 }).toMatchObject({ state: 'ready' });
  const map = await client.datasets.map('bins');
  expect([map.x.length, map.y.length, map.labels.length]).toEqual([40, 40, 40]);
  expect(map.labels.filter((label) => label === -1)).toHaveLength(3);
  await client.datasets.setLabels('bins', { labels: [{ image: second!.path, labels: null }] });
  // Other labels of the same images do not move them.
  expect(await client.datasets.map('bins')).toMatchObject({ x: map.x, y: map.y });
  const { images: some } = await client.datasets.images('bins', { rows: [1, 3], limit: 2 });
  expect(some.map(({ path }) => path)).toEqual([images[1]!.path, images[3]!.path]);
});

test('the same picture with two labels is a doubtful pair', { timeout: 60_000 }, async () => {
  const { client, world } = await opened();
  const bytes = readFileSync(join(photographs, 'glass', readdirSync(join(photographs, 'glass'))[0]!));
  const listing = await uploadBytes(world.store, { 'a/1.jpg': bytes, 'b/1.jpg': bytes, 'b/2.jpg': bytes });
  await importStored({ name: 'twice', files: listing }, world);
  const { pairs } = await client.datasets.pairs('twice');
  expect(pairs).toMatchObject([{ kind: 'identical', left: { path: 'a/1.jpg' }, right: { path: 'b/1.jpg' } }]);
});

test('a data set with several labels an image has no suggestions', async () => {
  const { client, truth } = await opened();
  const [image = ''] = truth.keys();
  await client.datasets.setLabels('bins', { labels: [{ image, labels: ['glass', 'paper'] }] });
  await expect(client.datasets.suggestions('bins')).rejects.toMatchObject({ code: 'SUGGESTIONS_UNSUPPORTED', httpStatus: 409 });
});

/** What differs from one answer to the next: signed requests. */
function expiry({ suggestions, next }: { suggestions: readonly object[]; next: readonly object[] }) {
  const unsigned = (images: readonly object[]) =>
    images.map((image) => expect.objectContaining({ ...image, request: expect.anything() }));
  return { expiresAt: expect.any(String), suggestions: unsigned(suggestions), next: unsigned(next) };
}
