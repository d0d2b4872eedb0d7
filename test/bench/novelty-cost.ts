import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeModel, encodeModel } from '../../lib/onnx/protobuf.ts';
import { untilOutputs } from '../../lib/quantization/until-outputs.ts';
import { type Bench, installedVersion } from './bench.ts';
import { describeCalls } from './calls.ts';
import { timeInterleaved } from './interleave.ts';
import { measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';
import { SIDE, serveSample } from './served-sample.ts';

/** Runs of each side in a pair. */
const RUNS = 60;

/** Runs the graph of a model with and without its novelty score. */
export const noveltyCost: Bench = {
  name: 'novelty-cost',
  about: `the graph of a model that recognizes unknown images, one image of ${SIDE} pixels, against the same without the novelty score`,
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const { model } = await serveSample(folder, ['--fast']);
      const graph = await readFile(model);
      const decoded = decodeModel(graph);
      const [probabilities = '', novelty] = decoded.graph.output.map(({ name }) => name);
      if (novelty === undefined) throw new Error('the model has no novelty score');
      const withScore = await InferenceSession.create(graph);
      const without = await InferenceSession.create(encodeModel(untilOutputs(decoded, [probabilities])));
      const image = new Tensor('float32', new Float32Array(SIDE * SIDE * 3).fill(128), [1, SIDE, SIDE, 3]);
      const run = (session: InferenceSession) => async () => void (await session.run({ [session.inputNames[0] ?? '']: image }));
      const compared = await measurePairs({
        pairs,
        warmUp: true,
        async measure() {
          const [graft = [], bare = []] = await timeInterleaved([run(withScore), run(without)], RUNS);
          return { graft: describeCalls(graft), bare: describeCalls(bare) };
        },
        ratios: { ratio: ratioOf('bare', 'graft', 'p50Milliseconds') },
      });
      await withScore.release();
      await without.release();
      return { ...compared, versions: { onnxruntime: installedVersion('onnxruntime-node') } };
    }),
};
