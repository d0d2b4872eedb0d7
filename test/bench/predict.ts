import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { openLocalSystem } from '../../functions/local/local-system.ts';
import { type Bench, installedVersion } from './bench.ts';
import { callAtOnce, describeCalls } from './calls.ts';
import { timeInterleaved } from './interleave.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';
import { type ServedSample, SIDE, serveSample } from './served-sample.ts';

/** Calls one after the other, of each side in a pair. */
const CALLS = 60;
const AT_ONCE = 32;
/** Requests at once, of each side, in all pairs; set by GRAFT_BENCH_REQUESTS. */
const REQUESTS = Number(process.env.GRAFT_BENCH_REQUESTS ?? 10_000);

/** Predicts one photograph through the HTTP handler of a warm process. */
export const predict: Bench = {
  name: 'predict',
  about:
    `one photograph of ${SIDE} pixels through the HTTP handler of a warm process, with the bundled backbone: one by one, and ` +
    `${REQUESTS} requests, ${AT_ONCE} at once, against sharp and onnxruntime alone`,
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const served = await serveSample(folder);
      const { works, close } = await openWorks(served);
      const requests = Math.ceil(REQUESTS / pairs);
      const atOnce = (work: () => Promise<void>) => async () => {
        const { p50Milliseconds, p99Milliseconds } = describeCalls(await callAtOnce(requests, AT_ONCE, work));
        return { p50Milliseconds, p99Milliseconds };
      };
      const measureAtOnce = inTurns({ graftAtOnce: atOnce(works.graft), bareAtOnce: atOnce(works.bare) });
      const compared = await measurePairs({
        pairs,
        async measure(pair) {
          const [graft = [], bare = []] = await timeInterleaved([works.graft, works.bare], CALLS);
          return { graft: describeCalls(graft), bare: describeCalls(bare), ...(await measureAtOnce(pair)) };
        },
        ratios: {
          ratio: ratioOf('bare', 'graft', 'p50Milliseconds'),
          atOnce: ratioOf('bareAtOnce', 'graftAtOnce'),
          atOnceCpu: ratioOf('bareAtOnce', 'graftAtOnce', 'cpuSeconds'),
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
  const request = {
    method: 'POST',
    url: '/v1/models/sample/predict',
    headers: { 'content-type': 'image/jpeg' },
    body: image,
  } as const;
  const works = {
    async graft() {
      const { status } = await system.api(request);
      if (status !== 200) throw new Error(`predict answers ${status}`);
    },
    async bare() {
      const pixels = await sharp(image).removeAlpha().raw().toBuffer();
      const input = new Tensor('float32', Float32Array.from(pixels), [1, SIDE, SIDE, 3]);
      await session.run({ [session.inputNames[0] ?? '']: input });
    },
  };
  return {
    works,
    async close() {
      await session.release();
      await system.close();
    },
  };
}
