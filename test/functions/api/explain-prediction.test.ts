import { expect, it } from 'vitest';
import { imagenetPrefix, writeServedModel } from '../../../lib/models/served-package.ts';
import { apiSystem, ask, picture } from '../../support/api.ts';
import { colourCard, colourModel } from '../../support/models/colour-model.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const PREDICT = 'POST /v1/models/imagenet.vgg16/predict';
const png = { 'content-type': 'image/png' };

async function colours() {
  const { api, world } = apiSystem();
  await writeServedModel(imagenetPrefix('vgg16'), colourCard, colourModel(), world.store);
  return api;
}

async function inline(count: number) {
  const base64 = Buffer.from(await picture()).toString('base64');
  return Array.from({ length: count }, () => ({ base64 }));
}

it('explains the most probable label of an image', async () => {
  const { status, json } = await ask(await colours(), `${PREDICT}?explain=true`, await picture(), png);
  expect(status).toBe(200);
  const [{ explanation }] = json.predictions;
  expect(explanation).toMatchObject({ label: 'red', method: 'class-activation', grid: [8, 8] });
  expect(explanation.heat.map((row: number[]) => row.length)).toEqual(new Array(8).fill(8));
  expect(explanation).not.toHaveProperty('overlay');
});

it('explains another label of each image, with a picture', async () => {
  const body = { images: await inline(2), explain: true, explainLabel: 'blue', explainOverlay: true };
  const { json } = await ask(await colours(), PREDICT, body);
  expect(json.predictions).toHaveLength(2);
  for (const { explanation } of json.predictions) {
    expect(explanation.label).toBe('blue');
    expect(Buffer.from(explanation.overlay, 'base64').subarray(1, 4).toString()).toBe('PNG');
  }
});

it('explains nothing unless asked', async () => {
  const api = await colours();
  for (const query of ['', '?explain=false']) {
    const { json } = await ask(api, `${PREDICT}${query}`, await picture(), png);
    expect(json.predictions[0]).not.toHaveProperty('explanation');
  }
});

it.each([
  ['a label that the model lacks', 1, { explain: true, explainLabel: 'green' }, 'explainLabel', /red, blue/],
  ['more than 8 images', 9, { explain: true }, 'images', /at most 8 images with explain/],
  ['a label without explain', 1, { explainLabel: 'red' }, 'body', /only with explain/],
])('refuses %s', async (_, count, wishes, at, expected) => {
  const { status, json } = await ask(await colours(), PREDICT, { images: await inline(count), ...wishes });
  expect({ status, at: json.at, expected: json.expected }).toEqual({
    status: 400,
    at,
    expected: expect.stringMatching(expected),
  });
});

it('draws no picture of a stored image, which the caller may not be allowed to see', async () => {
  const { api, world } = apiSystem();
  await writeServedModel(imagenetPrefix('vgg16'), colourCard, colourModel(), world.store);
  await world.store.put('inputs/photo.png', await picture());
  const images = [...(await inline(1)), { uri: 's3://graft/inputs/photo.png' }];
  const refused = await ask(api, PREDICT, { images, explain: true, explainOverlay: true });
  expect({ status: refused.status, ...refused.json }).toMatchObject({
    status: 400,
    code: 'REQUEST_INVALID',
    at: 'explainOverlay',
    expected: expect.stringContaining('only for images in base64'),
  });
  const { json } = await ask(api, PREDICT, { images, explain: true });
  expect(json.predictions[1].explanation).toMatchObject({ label: 'red' });
  expect(json.predictions[1].explanation).not.toHaveProperty('overlay');
});
