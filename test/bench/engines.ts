import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findNative } from '../../lib/tensor/native/find-native.ts';
import { type Bench, installedVersion, median } from './bench.ts';

const child = fileURLToPath(new URL('./measure-engine.ts', import.meta.url));
const NETWORKS = [
  { name: 'efficientnet_lite0', inputSize: 224 },
  { name: 'vgg16', inputSize: 64 },
];
const ROUNDS = 7;

/** Times a training step of the default tail: TensorFlow, in WebAssembly and natively, against ONNX Runtime. */
export const engines: Bench = {
  name: 'engines',
  about:
    `a training step of the default tail, batch 32, of ${NETWORKS.map(({ name, inputSize }) => `${name} at ${inputSize}`).join(' and ')}: ` +
    'ONNX Runtime against TensorFlow in WebAssembly and, where it is built, natively',
  async run() {
    const peers = findNative() === undefined ? ['wasm'] : ['wasm', 'native'];
    const sides: Record<string, Record<string, number>> = {};
    const ratios: Record<string, number> = {};
    for (const network of NETWORKS) {
      const times = await timeSteps(['onnx', ...peers], network);
      for (const [engine, values] of Object.entries(times))
        sides[engine] = { ...sides[engine], [`${network.name}Milliseconds`]: median(values) };
      for (const peer of peers) {
        const pairs = (times[peer] ?? []).map((time, round) => time / (times.onnx?.[round] ?? Number.NaN));
        ratios[`${network.name} ${peer}`] = median(pairs);
        ratios[`${network.name} ${peer}, lowest`] = Math.min(...pairs);
        ratios[`${network.name} ${peer}, highest`] = Math.max(...pairs);
      }
    }
    const versions = { onnxruntime: installedVersion('onnxruntime-node'), tfjs: installedVersion('@tensorflow/tfjs-core') };
    return { ratio: ratios[`${NETWORKS[0]?.name} wasm`] ?? Number.NaN, ratios, sides, versions };
  },
};

/** Times the steps of all engines in turn, in milliseconds, so that other load on the machine affects all of them. */
async function timeSteps(
  engines: readonly string[],
  { name, inputSize }: (typeof NETWORKS)[number],
): Promise<Record<string, number[]>> {
  const processes = engines.map((engine) =>
    fork(child, [engine, name, String(inputSize)], {
      env: { ...process.env, GRAFT_TENSORFLOW: engine === 'native' ? 'native' : 'wasm' },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    }),
  );
  try {
    await Promise.all(processes.map((each) => once(each, 'message')));
    const times: Record<string, number[]> = Object.fromEntries(engines.map((engine) => [engine, []]));
    // The first round is a warm-up.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, each] of processes.entries()) {
        each.send('step');
        const [milliseconds] = z.tuple([z.number()], z.unknown()).parse(await once(each, 'message'));
        if (round > 0) times[engines[i] ?? '']?.push(milliseconds);
      }
    }
    return times;
  } finally {
    for (const each of processes) each.disconnect();
  }
}
