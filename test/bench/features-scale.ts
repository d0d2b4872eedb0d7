import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Bench, installedVersion, sizeFromEnvironment } from './bench.ts';
import { measureGrowth } from './measure-pairs.ts';
import { inOwnProcess, inScratch } from './scratch.ts';

const child = fileURLToPath(new URL('./measure-features-scale.ts', import.meta.url));
/** Number of images of the smaller job; set by GRAFT_BENCH_IMAGES. */
const IMAGES = sizeFromEnvironment(10_000);
const TIMES = 20;

/**
 * Measures how the peak memory and the CPU time of a training grow with twenty times the images, if all of their features
 * are stored. A head is fitted to them in closed form.
 */
export const featuresScale: Bench = {
  name: 'features-scale',
  about: `peak memory and CPU time of a training on the stored features of ${IMAGES} images against ${TIMES} times as many`,
  usualPairs: 1,
  async run({ pairs }) {
    const growths = { growth: 'peakMebibytes', cpuGrowth: 'cpuSeconds' };
    const compared = await measureGrowth({ pairs, images: IMAGES, times: TIMES, measure, of: 'peakMebibytes', growths });
    return { ...compared, versions: { tfjs: installedVersion('@tensorflow/tfjs-core') } };
  },
};

const Written = z.strictObject({ columns: z.int() });
const Measurement = z.strictObject({ wallSeconds: z.number(), cpuSeconds: z.number(), peakMebibytes: z.number() });

/** Writes and trains in processes of their own, so that the memory of neither counts for the other. */
function measure(count: number) {
  return inScratch(async (directory) => {
    const written = await inOwnProcess([child, 'write', directory, `${count}`]);
    const trained = await inOwnProcess([child, 'train', directory]);
    return { ...Written.parse(JSON.parse(written)), ...Measurement.parse(JSON.parse(trained)) };
  });
}
