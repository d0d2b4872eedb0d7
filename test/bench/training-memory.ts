import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Bench, installedVersion, sizeFromEnvironment } from './bench.ts';
import { drawImages } from './draw-images.ts';
import { graftCommand } from './graft-command.ts';
import { measureGrowth } from './measure-pairs.ts';
import { inOwnProcess, inScratch } from './scratch.ts';

const child = fileURLToPath(new URL('./measure-training.ts', import.meta.url));
/** Number of images of the smaller job; GRAFT_BENCH_IMAGES overrides it. */
const IMAGES = sizeFromEnvironment(1000);
const TIMES = 5;
const SIDE = 64;

/**
 * Measures how a training's memory grows with five times the images. Features are streamed, so it should stay the same.
 */
export const trainingMemory: Bench = {
  name: 'training-memory',
  about: `peak memory and time of a training on ${IMAGES} images against ${TIMES} times as many`,
  usualPairs: 1,
  async run({ pairs }) {
    const growths = { growth: 'mebibytes', timeGrowth: 'seconds' };
    const compared = await measureGrowth({ pairs, images: IMAGES, times: TIMES, measure, of: 'mebibytes', growths });
    return { ...compared, versions: { onnxruntime: installedVersion('onnxruntime-node') } };
  },
};

const Measurement = z.object({ mebibytes: z.number(), seconds: z.number() });

function measure(count: number): Promise<z.infer<typeof Measurement>> {
  return inScratch(async (folder) => {
    const [images, directory] = [join(folder, 'images'), join(folder, 'data')];
    await drawImages(images, { count, classes: 10, side: SIDE });
    const upload = ['upload', images, '--name', 'squares'];
    await graftCommand(z.looseObject({ accepted: z.literal(count) }), upload, directory);
    const training = { epochs: 5, earlyStopping: null };
    const spec = { name: 'squares', dataset: 'squares', backbone: { inputSize: SIDE }, strategy: 'feature-extraction', training };
    return Measurement.parse(JSON.parse(await inOwnProcess([child, directory, JSON.stringify(spec)])));
  });
}
