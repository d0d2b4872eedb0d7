import type { Augmentation } from '../images/augment.ts';
import { runAtOnce } from '../onnx/run-images.ts';
import { selectedDevice } from '../onnx/selected-device.ts';
import { trunkBatch } from './open-trunk-session.ts';
import type { Trunk } from './trunk.ts';
import { openTrunkRunner } from './trunk-runner.ts';

/**
 * Times the features of one random variant of an image on this machine, without decoding it: the slower of the trunk
 * and the augmentation, which work side by side. Takes two batches of images.
 * @returns seconds for each image
 * @throws as openTrunkSession
 */
export async function timeVariant(trunk: Pick<Trunk, 'key' | 'onnx' | 'inputSize'>, augmentation: Augmentation): Promise<number> {
  const { inputSize } = trunk;
  const [height, width] = inputSize;
  const images = Array.from({ length: trunkBatch(inputSize) }, () => new Float32Array(height * width * 3).fill(GREY));
  const runner = openTrunkRunner(trunk, { device: selectedDevice() });
  try {
    const session = await runner.session();
    // The first batch allocates memory.
    await runAtOnce(session, images, inputSize);
    session.takeSeconds();
    await runAtOnce(session, images, inputSize);
    const ofTrunk = session.takeSeconds();
    const begin = performance.now();
    const variant = { augmentation, size: inputSize, seed: 0, image: '' };
    await Promise.all(images.map((image, number) => runner.augmenter().augment(image.slice(), { ...variant, variant: number })));
    return Math.max(ofTrunk, (performance.now() - begin) / 1000) / images.length;
  } finally {
    await runner.close();
  }
}

/** A value between black and white: denormal numbers, which zeros could lead to, are slow. */
const GREY = 128;
