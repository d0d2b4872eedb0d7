import { findNative } from '../../lib/tensor/native/find-native.ts';
import { type Bench, installedVersion } from './bench.ts';
import { measurePairs, ratioOf, type Sides } from './measure-pairs.ts';
import { type Stepper, startEngine, startKerasStep, stepInTurns } from './step-processes.ts';

/** Block 5 of VGG16, and the last 30 layers of MobileNetV2. The trunk ends at `cut`, where Graft's features end. */
const NETWORKS = [
  { name: 'vgg16', inputSize: 64, cut: 'block4_pool', trained: ['block5'] },
  { name: 'mobilenet_v2', inputSize: 96, cut: 'block_12_add', trained: ['block_14', 'block_15', 'block_16', 'Conv_1'] },
];
/** Of each side in a pair. */
const STEPS = 10;

/** Times fine-tuning steps of each engine of Graft against those of Keras. */
export const fineTuneStep: Bench = {
  name: 'fine-tune-step',
  about:
    `${STEPS} training steps, batch 32, of block 5 of VGG16 at 64 pixels and of the last 30 layers of MobileNetV2 at 96, from the ` +
    'features at the cut: each engine against train_on_batch of Keras',
  async run({ pairs }) {
    const engines = findNative() === undefined ? ['onnx'] : ['onnx', 'native'];
    const steppers: Record<string, Stepper> = {};
    try {
      for (const network of NETWORKS) {
        for (const engine of engines) steppers[`${network.name} ${engine}`] = await startEngine(engine, network);
        steppers[`${network.name} keras`] = await startKerasStep(network);
      }
      const ratios = NETWORKS.flatMap(({ name }) =>
        engines.flatMap((engine) => [
          [`${name} ${engine}`, ratioOf(`${name} keras`, `${name} ${engine}`)] as const,
          [`${name} ${engine} cpu`, ratioOf(`${name} keras`, `${name} ${engine}`, 'cpuSeconds')] as const,
        ]),
      );
      const compared = await measurePairs({
        pairs,
        warmUp: true,
        measure: () => stepInTurns(steppers, STEPS),
        ratios: { ratio: ratioOfFaster('vgg16', engines), ...Object.fromEntries(ratios) },
      });
      return { ...compared, versions: { onnxruntime: installedVersion('onnxruntime-node') } };
    } finally {
      for (const stepper of Object.values(steppers)) stepper.stop();
    }
  },
};

/** The ratio of the engine that took less time in the pair: the one in which Graft trains the network. */
function ratioOfFaster(network: string, engines: readonly string[]): (sides: Sides) => number {
  return (sides) => Math.max(...engines.map((engine) => ratioOf(`${network} keras`, `${network} ${engine}`)(sides)));
}
