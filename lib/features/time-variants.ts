import { mapInOrder } from '../concurrency.ts';
import { READ_AHEAD, readStoredImage } from '../datasets/files/read-images.ts';
import { runImages } from '../onnx/run-images.ts';
import { selectedDevice } from '../onnx/selected-device.ts';
import type { ExtractionOptions } from './extract-features.ts';
import type { Augmenting } from './live-features.ts';
import { trunkBatch } from './open-trunk-session.ts';
import type { Trunk } from './trunk.ts';
import { openTrunkRunner } from './trunk-runner.ts';

/** Seconds after which the timing ends. */
const SECONDS = 2;
/** The most batches that are timed. The first of them are read ahead while the warm-up runs. */
const MOST_BATCHES = 8;

/**
 * Times the features of random variants of images, as `variantFeatures` computes them: reading, decoding, augmenting and
 * the trunk. Stores nothing. Threads start and memory is allocated in a first batch that does not count.
 * @param images SHA-256 of images of the job
 * @returns seconds for each image
 * @throws as readStoredImage and openTrunkSession; the signal's reason
 */
export async function timeVariants(
  trunk: Trunk,
  images: readonly string[],
  { augmentation, seed }: Augmenting,
  { store, inputs, signal, log }: Pick<ExtractionOptions, 'store' | 'inputs' | 'signal' | 'log'>,
): Promise<number> {
  const { inputSize } = trunk;
  const batchSize = trunkBatch(inputSize);
  const runner = openTrunkRunner(trunk, { device: selectedDevice(), log });
  try {
    const session = await runner.session();
    const variants = mapInOrder(images.slice(0, (1 + MOST_BATCHES) * batchSize), READ_AHEAD, async (image) => {
      signal.throwIfAborted();
      const decoded = await readStoredImage(image, trunk, store, inputs);
      return runner.augmenter().augment(decoded, { augmentation, size: inputSize, seed, image, variant: 1 });
    });
    const times = [performance.now()];
    let warm = 0;
    let timed = 0;
    for await (const { count } of runImages(session, variants, { inputSize, batchSize })) {
      if (times.length === 1) warm = count;
      else timed += count;
      times.push(performance.now());
      if (secondsBetween(times[1], times.at(-1)) > SECONDS) break;
    }
    return timed === 0 ? secondsBetween(times[0], times[1]) / warm : secondsBetween(times[1], times.at(-1)) / timed;
  } finally {
    await runner.close();
  }
}

function secondsBetween(start = 0, end = start): number {
  return (end - start) / 1000;
}
