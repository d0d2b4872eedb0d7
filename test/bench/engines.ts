import { selectedDevice } from '../../lib/onnx/selected-device.ts';
import { findNative } from '../../lib/tensor/native/find-native.ts';
import { type Bench, installedVersion } from './bench.ts';
import { measurePairs, ratioOf } from './measure-pairs.ts';
import { type Stepper, startEngine, stepInTurns } from './step-processes.ts';

const NETWORKS = [
  { name: 'efficientnet_lite0', inputSize: 224 },
  { name: 'vgg16', inputSize: 64 },
];
/** Of each engine in a pair. */
const STEPS = 3;

/** Times training steps of the default tail: TensorFlow, in WebAssembly and natively, against ONNX Runtime. */
export const engines: Bench = {
  name: 'engines',
  about:
    `${STEPS} training steps of the default tail, batch 32, of ` +
    `${NETWORKS.map(({ name, inputSize }) => `${name} at ${inputSize}`).join(' and ')}: ` +
    'ONNX Runtime against TensorFlow in WebAssembly and, where it is built, natively; with GRAFT_DEVICE=webgpu, also against ' +
    'ONNX Runtime on that device',
  async run({ pairs }) {
    const peers = ['wasm', ...(findNative() ? ['native'] : []), ...(selectedDevice() === 'webgpu' ? ['webgpu'] : [])];
    const steppers: Record<string, Stepper> = {};
    try {
      for (const network of NETWORKS) {
        for (const engine of ['onnx', ...peers]) steppers[`${network.name} ${engine}`] = await startEngine(engine, network);
      }
      const ratios = NETWORKS.flatMap(({ name }) =>
        peers.flatMap((peer) => [
          [`${name} ${peer}`, ratioOf(`${name} ${peer}`, `${name} onnx`)] as const,
          [`${name} ${peer} cpu`, ratioOf(`${name} ${peer}`, `${name} onnx`, 'cpuSeconds')] as const,
        ]),
      );
      const compared = await measurePairs({
        pairs,
        warmUp: true,
        measure: () => stepInTurns(steppers, STEPS),
        ratios: { ratio: ratioOf(`${NETWORKS[0]?.name} wasm`, `${NETWORKS[0]?.name} onnx`), ...Object.fromEntries(ratios) },
      });
      const versions = { onnxruntime: installedVersion('onnxruntime-node'), tfjs: installedVersion('@tensorflow/tfjs-core') };
      return { ...compared, versions };
    } finally {
      for (const stepper of Object.values(steppers)) stepper.stop();
    }
  },
};
