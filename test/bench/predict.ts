import { setTimeout as wait } from 'node:timers/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { PREDICTIONS_IN_FLIGHT } from '../../functions/api/limits.ts';
import { openLocalSystem } from '../../functions/local/local-system.ts';
import { type Bench, installedVersion } from './bench.ts';
import { callAtOnce, describeCalls } from './calls.ts';
import { timeInterleaved } from './interleave.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';
import { type ServedSample, SIDE, serveSample } from './served-sample.ts';

/** Calls one after the other, of each side in a pair. */
const CALLS = 60;
/** Calls before those that count. */
const WARM_UP_CALLS = 10;
/** Images in one request. */
const BATCH = 32;
const BATCHES = 5;
/**
 * Before each rested call, and before the turn of a side. The pool of a session with ONNX Runtime's defaults, such as the
 * peer's, looks for work for some tens of milliseconds after a run, which would take a core from Graft's call.
 */
const REST_MS = 50;
const SETTLE_MS = 300;
/** Requests under load, of each side, in all pairs; set by GRAFT_BENCH_REQUESTS. */
const REQUESTS = Number(process.env.GRAFT_BENCH_REQUESTS ?? 10_000);

/** Predicts one photograph through the HTTP handler of a warm process. */
export const predict: Bench = {
  name: 'predict',
  about:
    `photographs of ${SIDE} pixels through the HTTP handler of a warm process, with the bundled backbone: one by one, ${BATCH} in ` +
    `one request, and ${REQUESTS} requests, ${PREDICTIONS_IN_FLIGHT} at once, against sharp and onnxruntime alone`,
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const served = await serveSample(folder);
      const { works, close } = await openWorks(served);
      const requests = Math.ceil(REQUESTS / pairs);
      const underLoad = (work: () => Promise<void>) => async () => {
        const { p50Milliseconds, p99Milliseconds } = describeCalls(await callAtOnce(requests, PREDICTIONS_IN_FLIGHT, work));
        return { p50Milliseconds, p99Milliseconds };
      };
      const oneByOne = (work: () => Promise<void>) => async () => {
        await wait(SETTLE_MS);
        await callAtOnce(WARM_UP_CALLS, 1, work);
        return describeCalls(await callAtOnce(CALLS, 1, work));
      };
      const measureCalls = inTurns({ graft: oneByOne(works.graft), bare: oneByOne(works.bare) });
      const measureLoad = inTurns({ graftLoad: underLoad(works.graft), bareLoad: underLoad(works.bare) });
      const compared = await measurePairs({
        pairs,
        async measure(pair) {
          const calls = await measureCalls(pair);
          await wait(SETTLE_MS);
          const [graftRested = [], bareRested = []] = await timeInterleaved([works.graft, works.bare], CALLS, {
            restMs: REST_MS,
          });
          const [graftBatch = [], bareBatch = []] = await timeInterleaved([works.graftBatch, works.bareBatch], BATCHES, {
            restMs: REST_MS,
          });
          return {
            ...calls,
            graftRested: describeCalls(graftRested),
            bareRested: describeCalls(bareRested),
            graftBatch: describeCalls(graftBatch),
            bareBatch: describeCalls(bareBatch),
            ...(await measureLoad(pair)),
          };
        },
        ratios: {
          ratio: ratioOf('bare', 'graft', 'p50Milliseconds'),
          rested: ratioOf('bareRested', 'graftRested', 'p50Milliseconds'),
          batch: ratioOf('bareBatch', 'graftBatch', 'p50Milliseconds'),
          load: ratioOf('bareLoad', 'graftLoad'),
          loadCpu: ratioOf('bareLoad', 'graftLoad', 'cpuSeconds'),
          loadTail: ratioOf('bareLoad', 'graftLoad', 'p99Milliseconds'),
        },
      });
      await close();
      const versions = { onnxruntime: installedVersion('onnxruntime-node'), sharp: installedVersion('sharp') };
      return { ...compared, versions };
    }),
};

async function openWorks({ directory, model, image }: ServedSample) {
  const system = openLocalSystem({ GRAFT_DATA_DIR: directory }, () => {});
  const session = await InferenceSession.create(model);
  const predictWith = (type: string, body: Uint8Array) => async () => {
    const headers = { 'content-type': type };
    const { status } = await system.api({ method: 'POST', url: '/v1/models/sample/predict', headers, body });
    if (status !== 200) throw new Error(`predict answers ${status}`);
  };
  const runBare = (count: number) => async () => {
    const input = new Float32Array(count * SIDE * SIDE * 3);
    const decode = async (index: number) => input.set(await sharp(image).removeAlpha().raw().toBuffer(), index * SIDE * SIDE * 3);
    await Promise.all(Array.from({ length: count }, (_, index) => decode(index)));
    await session.run({ [session.inputNames[0] ?? '']: new Tensor('float32', input, [count, SIDE, SIDE, 3]) });
  };
  const images = Array.from({ length: BATCH }, (_, index) => ({ name: `${index}`, base64: image.toString('base64') }));
  const works = {
    graft: predictWith('image/jpeg', image),
    bare: runBare(1),
    graftBatch: predictWith('application/json', Buffer.from(JSON.stringify({ images }))),
    bareBatch: runBare(BATCH),
  };
  return {
    works,
    async close() {
      await session.release();
      await system.close();
    },
  };
}
