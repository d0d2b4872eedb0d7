import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describePredictions, predict, prepareModel } from '../../../cli/commands/predict.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { SpecError } from '../../../lib/errors.ts';
import { imagenetPrefix, writeServedModel } from '../../../lib/models/served-package.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { testWorld } from '../../support/world.ts';

// Without its top in the store, the backbone of this name would be sought.
test.each(['imagenet.vgg16', 'imagenet.vgg16@1', 'imagenet.vgg16:latest'])(
  '%s is ready where its top is in the store',
  async (ref) => {
    const { store } = testWorld();
    const input = { height: 32, width: 32, resize: 'bilinear' as const };
    const card = { model: 'imagenet.vgg16', task: 'single-label' as const, labels: ['tench', 'goldfish'], input };
    await writeServedModel(imagenetPrefix('vgg16'), card, new Uint8Array(), store);
    await expect(prepareModel(ref, { store } as unknown as Context)).resolves.toBeUndefined();
  },
);

test.each([
  ['known', true, 'a.png  glass 90.0%'],
  ['unknown', false, 'a.png  unknown:  glass 90.0%'],
  ['of a model without a novelty score', undefined, 'a.png  glass 90.0%'],
])('the text of an image that is %s', (_, known, expected) => {
  const prediction = { image: 'a.png', labels: [{ label: 'glass', probability: 0.9 }], abstained: false };
  const predictions = [{ ...prediction, ...(known !== undefined && { known }) }];
  expect(describePredictions({ predictions }).trim()).toBe(expected);
});

test('no picture of an image in S3 is asked for, which the API would refuse', async () => {
  const images = ['photo.jpg', 's3://graft/inputs/photo.jpg'];
  const predicted = predict('flowers', images, { top: 1, explain: 'evidence' }, {} as Context, {} as Output);
  await expect(predicted).rejects.toMatchObject({ code: 'USAGE', at: '--explain', received: images[1] });
});

test('the images of a second request are predicted by the version of the first one', async () => {
  const refs: string[] = [];
  const models = {
    async predict(ref: string, images: { name: string }[]) {
      refs.push(ref);
      const predictions = images.map(({ name }) => ({ image: name, labels: [], abstained: false }));
      return { model: 'flowers', version: refs.length, predictions };
    },
  };
  const results: unknown[] = [];
  const output = { result: (value: unknown) => results.push(value), detail() {} };
  const images = Array.from({ length: 40 }, (_, i) => `s3://graft/inputs/${i}.jpg`);
  await predict('flowers:prod', images, {}, { client: { models } } as unknown as Context, output as unknown as Output);
  expect(refs).toEqual(['flowers:prod', 'flowers@1']);
  expect(results).toMatchObject([{ predictions: images.map((image) => ({ image })) }]);
});

test('images in S3 that are too large for one request are sent in several', async () => {
  const sent: number[] = [];
  const models = {
    async predict(_: string, images: { name: string }[]) {
      sent.push(images.length);
      if (images.length > 2) throw new SpecError('IMAGES_TOO_LARGE', { at: 'images.2', expected: 'less', received: 'more' });
      return { model: 'flowers', version: 1, predictions: images.map(({ name }) => ({ image: name, labels: [] })) };
    },
  };
  const results: unknown[] = [];
  const output = { result: (value: unknown) => results.push(value), detail() {} };
  const images = Array.from({ length: 5 }, (_, i) => `s3://graft/inputs/${i}.jpg`);
  await predict('flowers', images, {}, { client: { models } } as unknown as Context, output as unknown as Output);
  expect(sent).toEqual([5, 3, 2, 1, 2]);
  expect(results).toMatchObject([{ predictions: images.map((image) => ({ image })) }]);
});

test.each([
  ['a folder', '.', { code: 'FILE_UNREADABLE', received: 'EISDIR' }],
  ['a missing file', 'none.jpg', { code: 'FILE_NOT_FOUND', received: 'ENOENT' }],
  ['a missing folder', 'a.jpg/none.jpg', { code: 'FILE_UNREADABLE', received: 'ENOTDIR' }],
  ['an empty file', 'empty.jpg', { code: 'IMAGE_EMPTY' }],
])('%s instead of an image is refused with the reason', async (_, name, error) => {
  const folder = temporaryFolder();
  for (const file of ['a.jpg', 'empty.jpg']) await writeFile(join(folder, file), file === 'a.jpg' ? 'a' : '');
  const predicted = predict('flowers', [join(folder, name)], {}, {} as Context, {} as Output);
  await expect(predicted).rejects.toMatchObject({ ...error, at: join(folder, name) });
});
