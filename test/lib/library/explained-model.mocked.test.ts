import { expect, test, vi } from 'vitest';
import { loadModel, loadVersion } from '../../../lib/library/load-model.ts';
import { type LocalWorld, openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import { imagenetPrefix, writeServedModel } from '../../../lib/models/served-package.ts';
import { picture } from '../../support/api.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { colourCard, colourModel } from '../../support/models/colour-model.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

const open = vi.hoisted(() => new Set<unknown>());

/** Worlds whose stores read nothing once they are closed. */
vi.mock('../../../lib/local/embedded-world.ts', async (original) => {
  const real = await original<typeof import('../../../lib/local/embedded-world.ts')>();
  return {
    ...real,
    openEmbeddedWorld: (...args: Parameters<typeof real.openEmbeddedWorld>): LocalWorld => {
      const world = real.openEmbeddedWorld(...args);
      open.add(world);
      const get = (key: string) => (open.has(world) ? world.store.get(key) : Promise.reject(new Error('the store is closed')));
      const close = () => {
        open.delete(world);
        world.close();
      };
      return { ...world, store: { ...world.store, get }, close };
    },
  };
});

useTensorFlow();

async function dataDirectory(): Promise<string> {
  const directory = temporaryFolder();
  const world = openEmbeddedWorld(directory, () => {});
  await writeServedModel(imagenetPrefix('vgg16'), colourCard, colourModel(), world.store);
  world.close();
  return directory;
}

test.each([
  ['loadModel', (directory: string) => loadModel('imagenet.vgg16', { dataDirectory: directory })],
  [
    'loadVersion, as fineTune calls it',
    async (directory: string) => {
      const world = openEmbeddedWorld(directory, () => {});
      const model = await loadVersion('imagenet.vgg16', directory, world.store);
      world.close();
      return model;
    },
  ],
])('a model of %s explains its predictions, and keeps no store open', async (_, load) => {
  const directory = await dataDirectory();
  const model = await load(directory);
  expect(open.size).toBe(0);
  const { explanation } = await model.predict(await picture(), { explain: true });
  expect(explanation).toMatchObject({ label: 'red', grid: [8, 8] });
  expect(open.size).toBe(0);
  await model.close();
});
