import { isDeepStrictEqual } from 'node:util';
import { sumOf } from '../../lib/arithmetic.ts';
import { digestFeatures, type FinishedPart, runParts, startSpreadJob } from '../support/spread-processes.ts';
import { type Bench, installedVersion } from './bench.ts';
import { inScratch } from './scratch.ts';

/** Number of images; set by GRAFT_BENCH_IMAGES. */
const IMAGES = Number(process.env.GRAFT_BENCH_IMAGES ?? 20_000);
const PROCESSES = 8;
const KILLED = [0, 1, 2];

/**
 * Extracts the features of tiny images in one process and in several, of which some are killed and start again, and
 * compares the bytes that they store.
 */
export const spreadExtraction: Bench = {
  name: 'spread-extraction',
  about: `the features of ${IMAGES} tiny images by ${PROCESSES} processes, ${KILLED.length} of them killed, against one process`,
  async run() {
    const one = await measure(1, []);
    const several = await measure(PROCESSES, KILLED);
    const isSame = isDeepStrictEqual(one.digests, several.digests);
    if (!isSame) throw new Error('the bytes of the features differ');
    const decoded = (parts: readonly FinishedPart[]): number => sumOf(parts, (part) => part.decoded);
    return {
      ratio: one.seconds / several.seconds,
      ratios: {},
      sides: {
        one: { seconds: one.seconds, images: decoded(one.parts), shards: Object.keys(one.digests).length },
        several: {
          seconds: several.seconds,
          processes: PROCESSES,
          killed: KILLED.length,
          equalShards: Object.keys(several.digests).length,
          reusedImages: sumOf(several.parts, ({ cached }) => cached),
        },
      },
      versions: { onnxruntime: installedVersion('onnxruntime-node') },
    };
  },
};

function measure(processes: number, killed: readonly number[]) {
  return inScratch(async (directory) => {
    const job = await startSpreadJob(directory, IMAGES);
    const start = performance.now();
    const parts = await runParts(job, processes, killed);
    const seconds = (performance.now() - start) / 1000;
    return { seconds, parts, digests: await digestFeatures(job) };
  });
}
