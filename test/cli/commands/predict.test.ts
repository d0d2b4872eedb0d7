import { expect, test } from 'vitest';
import { describePredictions, predict, prepareModel } from '../../../cli/commands/predict.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { imagenetPrefix, writeServedModel } from '../../../lib/models/served-package.ts';
import { testWorld } from '../../support/world.ts';

// Without its top in the store, the backbone of this name would be sought.
test.each(['imagenet.vgg16', 'imagenet.vgg16@1', 'imagenet.vgg16:latest'])(
  '%s is ready where its top is in the store',
  async (ref) => {
    const { store } = testWorld();
    const input = { height: 32, width: 32, resize: 'bilinear' as const };
    const card = { model: 'imagenet.vgg16', task: 'single-label' as const, labels: ['tench', 'goldfish'], input };
    await writeServedModel(store, imagenetPrefix('vgg16'), card, new Uint8Array());
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
