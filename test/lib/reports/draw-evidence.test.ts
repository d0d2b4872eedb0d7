import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { writeServedModel } from '../../../lib/models/served-package.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { drawEvidence } from '../../../lib/reports/draw-evidence.ts';
import { picture } from '../../support/api.ts';
import { colourCard, colourModel, withoutGradient } from '../../support/models/colour-model.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { testWorld } from '../../support/world.ts';

useTensorFlow();

const PREFIX = 'models/colours/job-1/';
const MODEL = { package: PREFIX, labels: colourCard.labels };

async function put(store: ObjectStore, background: string) {
  const bytes = await picture({ background });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await store.put(blobKey(sha256), bytes);
  return { path: `${background}.png`, sha256, labels: ['blue'], predicted: [{ label: 'red', probability: 0.9 }] };
}

it('draws a small JPEG of each error and each uncertain image that the store has', async () => {
  const { store } = testWorld();
  await writeServedModel(PREFIX, colourCard, colourModel(), store);
  const [error, gone, unsure] = [await put(store, 'red'), await put(store, 'green'), await put(store, 'blue')];
  await store.delete(blobKey(gone.sha256));
  const { evidence, omitted } = await drawEvidence({ errors: [error, gone], leastSure: [unsure] }, MODEL, store);
  expect(omitted).toBeUndefined();
  expect([...evidence.keys()]).toEqual([error.sha256, unsure.sha256]);
  const [, base64 = ''] = evidence.get(error.sha256)?.split('data:image/jpeg;base64,') ?? [];
  expect(await sharp(Buffer.from(base64, 'base64')).metadata()).toMatchObject({ format: 'jpeg', width: 16, height: 16 });
});

it('draws by occlusion for a model without gradients', async () => {
  const { store } = testWorld();
  await writeServedModel(PREFIX, colourCard, withoutGradient(colourModel()), store);
  const images = [await put(store, 'red'), await put(store, 'blue')];
  const { evidence, omitted } = await drawEvidence({ errors: images }, MODEL, store);
  expect([...evidence.keys()]).toEqual(images.map(({ sha256 }) => sha256));
  expect(omitted).toBeUndefined();
});

/** A clock on which every explanation takes four seconds. */
function slowly(): () => number {
  let seconds = 0;
  return () => {
    seconds += 4;
    return 1000 * seconds;
  };
}

it('draws nothing by occlusion if a report would have to wait for it, and says so', async () => {
  const { store } = testWorld();
  await writeServedModel(PREFIX, colourCard, withoutGradient(colourModel()), store);
  const { evidence, omitted } = await drawEvidence({ errors: [await put(store, 'red')] }, MODEL, store, slowly());
  expect(evidence.size).toBe(0);
  expect(omitted).toMatch(/by occlusion.* more than 3 seconds/);
});

it('waits for the contributions of maps, however long they take', async () => {
  const { store } = testWorld();
  await writeServedModel(PREFIX, colourCard, colourModel(), store);
  const { evidence, omitted } = await drawEvidence({ errors: [await put(store, 'red')] }, MODEL, store, slowly());
  expect([evidence.size, omitted]).toEqual([1, undefined]);
});

it('says that it draws nothing for a model that cannot be opened', async () => {
  const { store } = testWorld();
  await writeServedModel(PREFIX, colourCard, new Uint8Array(3), store);
  expect(await drawEvidence({ errors: [await put(store, 'red')] }, MODEL, store)).toEqual({
    evidence: new Map(),
    omitted: 'The model could not be opened to explain its predictions.',
  });
});

it('has nothing to say without images', async () => {
  const { store } = testWorld();
  expect(await drawEvidence({ errors: [] }, MODEL, store)).toEqual({ evidence: new Map() });
});

it('explains an image whose label the report shortens, and images after one that cannot be read', async () => {
  const { store } = testWorld();
  const long = 'red '.repeat(50);
  await writeServedModel(PREFIX, { ...colourCard, labels: [long, 'blue'] }, colourModel(), store);
  const broken = { ...(await put(store, 'green')), predicted: [{ label: 'blue', probability: 0.9 }] };
  await store.put(blobKey(broken.sha256), new Uint8Array(3));
  const red = await put(store, 'red');
  const shortened = { ...red, predicted: [{ label: `${long.slice(0, 119)}…`, probability: 0.9 }] };
  const nothing = { ...(await put(store, 'blue')), predicted: [] };
  const errors = [broken, nothing, shortened];
  const { evidence } = await drawEvidence({ errors }, { package: PREFIX, labels: [long, 'blue'] }, store);
  expect([...evidence.keys()]).toEqual([red.sha256]);
});
