import { expect, test } from 'vitest';
import { resolveModel } from '../../../lib/models/registry.ts';
import { imagenetPrefix, writeServedModel } from '../../../lib/models/served-package.ts';
import { testWorld } from '../../support/world.ts';

/** A store that has the ImageNet top of one backbone. */
async function withImagenetTop() {
  const { store } = testWorld();
  const input = { height: 32, width: 32, resize: 'bilinear' as const };
  const card = { model: 'imagenet.vgg16', task: 'single-label' as const, labels: ['tench', 'goldfish'], input };
  await writeServedModel(imagenetPrefix('vgg16'), card, new Uint8Array(), store);
  return store;
}

test.each(['imagenet.vgg16', 'imagenet.vgg16@1', 'imagenet.vgg16:latest'])(
  '%s means the one version that there is: jobs name the version of their model',
  async (ref) => {
    expect(await resolveModel(ref, await withImagenetTop())).toEqual({
      name: 'imagenet.vgg16',
      version: { version: 1, package: imagenetPrefix('vgg16') },
    });
  },
);

test.each(['imagenet.vgg16@2', 'imagenet.vgg16:prod'])('%s means none', async (ref) => {
  const error = { code: 'MODEL_VERSION_NOT_FOUND', expected: 'one of imagenet.vgg16@1, imagenet.vgg16:latest' };
  await expect(resolveModel(ref, await withImagenetTop())).rejects.toMatchObject(error);
});

test('a top that is not here is asked for by the name of its backbone', async () => {
  const error = { code: 'IMAGENET_MODEL_NOT_READY', fix: expect.stringContaining('graft weights pull vgg19 --top') };
  await expect(resolveModel('imagenet.vgg19@1', await withImagenetTop())).rejects.toMatchObject(error);
});
