import { isDeepStrictEqual } from 'node:util';
import { sumOf } from '../../lib/arithmetic.ts';
import { IMAGES_OF_PART } from '../../lib/features/feature-shard.ts';
import { readFunctions, runFunctions } from '../support/processes/function-processes.ts';
import { digestFeatures, runParts, startSpreadJob } from '../support/processes/spread-processes.ts';
import { type Bench, installedVersion, sizeFromEnvironment } from './bench.ts';
import { measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';

/** Number of images; set by GRAFT_BENCH_IMAGES. */
const IMAGES = sizeFromEnvironment(20_000);
const PROCESSES = 8;
const KILLED = [0, 1, 2];

/**
 * Extracts the features of tiny images in one process, in several as machines of an array, and in several as functions
 * that take parts from a queue. Some of the several are killed and start again. Compares the bytes that all store.
 */
export const spreadExtraction: Bench = {
  name: 'spread-extraction',
  about: `the features of ${IMAGES} tiny images by ${PROCESSES} processes, as an array and as functions, ${KILLED.length} killed, against one process`,
  usualPairs: 1,
  async run({ pairs }) {
    const compared = await measurePairs({ pairs, measure: measureBoth, ratios: { ratio: ratioOf('one', 'several') } });
    return { ...compared, versions: { onnxruntime: installedVersion('onnxruntime-node') } };
  },
};

async function measureBoth() {
  const one = await measure(1, []);
  const several = await measure(PROCESSES, KILLED);
  const functions = await measureFunctions();
  for (const { digests } of [several, functions])
    if (!isDeepStrictEqual(one.digests, digests)) throw new Error('the bytes of the features differ');
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
    functions: {
      seconds: functions.seconds,
      processes: PROCESSES,
      killed: KILLED.length,
      equalShards: shards,
      parts: functions.parts,
      partsBegunAgain: functions.partsBegunAgain,
      mostFailuresOfAPart: functions.mostFailures,
    },
  };
}

function measureFunctions() {
  return inScratch(async (directory) => {
    const job = await startSpreadJob(directory, IMAGES, PROCESSES);
    const start = performance.now();
    await runFunctions(job, { imagesOfPart: IMAGES_OF_PART, processes: PROCESSES, killed: KILLED.length });
    const seconds = (performance.now() - start) / 1000;
    const { job: record, calls } = await readFunctions(job);
    if (record.history?.at(-1)?.code !== 'FEATURES_EXTRACTED') throw new Error(`the job is ${record.state}`);
    const failures = calls.map((each) => each.failures);
    return {
      seconds,
      // One of the records is that of the division.
      parts: calls.length - 1,
      partsBegunAgain: failures.filter((count) => count > 0).length,
      mostFailures: Math.max(...failures),
      digests: await digestFeatures(job),
    };
  });
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
