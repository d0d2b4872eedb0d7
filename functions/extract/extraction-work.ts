import { withExternalImages } from '../../lib/datasets/external/external-store.ts';
import { extractListed, findMissing } from '../../lib/features/extract-features.ts';
import { IMAGES_OF_PART, shardImages } from '../../lib/features/feature-shard.ts';
import { indexImages } from '../../lib/features/index-images.ts';
import { openFirstTrunk } from '../../lib/features/open-first-trunk.ts';
import { readTrunk } from '../../lib/features/trunk-store.ts';
import type { ExtractionWork } from '../../lib/jobs/extraction/work-on-extraction.ts';
import { checkDevice } from '../../lib/onnx/check-device.ts';
import { processorKind } from '../../lib/onnx/processor-kind.ts';
import { selectedDevice } from '../../lib/onnx/selected-device.ts';
import type { World } from '../../lib/ports.ts';

/**
 * Extracts features as a training would: the same shards, with the same bytes.
 * @param imagesOfPart about so many: whole shards
 */
export function extractionWork(world: World, imagesOfPart: number = IMAGES_OF_PART): ExtractionWork {
  return {
    processor: processorKind(selectedDevice()),

    async list({ spec }, signal) {
      const { trunk, images } = await openFirstTrunk(spec, world.store, signal);
      signal.throwIfAborted();
      const missing = await findMissing(trunk, indexImages(images), world.store);
      const ofShard = shardImages(trunk.featureShape);
      return {
        trunk: trunk.key,
        images: Buffer.from(missing.join(''), 'hex'),
        imagesOfPart: ofShard * Math.max(1, Math.floor(imagesOfPart / ofShard)),
      };
    },

    async extract({ id, spec }, { trunk: key, images }, { signal, mayStart }) {
      await checkDevice(selectedDevice());
      const [trunk, { store, log }] = await Promise.all([readTrunk(key, world.store), withExternalImages(spec.dataset, world)]);
      const { isComplete, decoded } = await extractListed(trunk, images, {
        store,
        signal,
        log,
        mayStart,
        onProgress: () => {},
      });
      log('features.part', { job: id, trunk: key, decoded, cached: images.length - decoded, isComplete });
      return { isComplete, hasStored: decoded > 0 };
    },
  };
}
