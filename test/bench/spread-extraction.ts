import { isDeepStrictEqual } from 'node:util';
import { sumOf } from '../../lib/arithmetic.ts';
import { digestFeatures, runParts, startSpreadJob } from '../support/spread-processes.ts';
import { type Bench, installedVersion, sizeFromEnvironment } from './bench.ts';
import { measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';

/** Number of images; set by GRAFT_BENCH_IMAGES. */
const IMAGES = sizeFromEnvironment(20_000);
const PROCESSES = 8;
const KILLED = [0, 1, 2];

/**
 * Extracts the features of tiny images in one process and in several, of which some are killed and start again, and
 * compares the bytes that they store.
 */
export const spreadExtraction: Bench = {
  name: 'spread-extraction',
  about: `the features of ${IMAGES} tiny images by ${PROCESSES} processes, ${KILLED.length} of them killed, against one process`,
  usualPairs: 1,
  async run({ pairs }) {
    const compared = await measurePairs({ pairs, measure: measureBoth, ratios: { ratio: ratioOf('one', 'several') } });
    return { ...compared, versions: { onnxruntime: installedVersion('onnxruntime-node') } };
  },
};

async function measureBoth() {
  const one = await measure(1, []);
  const several = await measure(PROCESSES, KILLED);
  if (!isDeepStrictEqual(one.digests, several.digests)) throw new Error('the bytes of the features differ');
  const shards = Object.keys(one.digests).length;
  return {
    one: { seconds: one.seconds, images: sumOf(one.parts, ({ decoded }) => decoded), shards },
    several: {
      seconds: several.seconds,
      processes: PROCESSES,
      killed: KILLED.length,
      equalShards: shards,
      reusedImages: sumOf(several.parts, ({ cached }) => cached),
    },
  };
}

function measure(processes: number, killed: readonly number[]) {
  return inScratch(async (directory) => {
    const job = await startSpreadJob(directory, IMAGES);
    const start = performance.now();
    const parts = await runParts(job, processes, killed);
    const seconds = (performance.now() - start) / 1000;
    return { seconds, parts, digests: await digestFeatures(job) };
  });
}
