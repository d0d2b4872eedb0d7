/** Estimates the memory of a training, then trains. Prints the estimate and the growth of the process on one line. */
import * as tfl from '@tensorflow/tfjs-layers';
import { TrainingSpec } from '../../../../lib/contracts/training-spec.ts';
import { examplesFrom, targetsOf } from '../../../../lib/training/examples.ts';
import { fit as fitModel } from '../../../../lib/training/fit.ts';
import { categoricalCrossEntropy } from '../../../../lib/training/losses/loss.ts';
import { estimateTrainingMemory } from '../../../../lib/training/tensorflow/estimate-memory.ts';
import { startTensorFlowEngine } from '../../../../lib/training/tensorflow/tensorflow-engine.ts';

const { layers } = tfl;
type Net = { readonly model: tfl.LayersModel; readonly batchSize: number };

const nets: Readonly<Record<string, () => Net>> = {
  /** Little weight, large maps. */
  convolutions() {
    const conv = (strides: number): tfl.layers.Layer =>
      layers.conv2d({ filters: 12, kernelSize: 3, strides, padding: 'same', activation: 'relu' });
    return net([96, 96, 3], [conv(1), layers.batchNormalization({}), conv(2), conv(1), layers.globalAveragePooling2d({})], 24);
  },
  /** Nothing but weight. */
  dense: () => net([6144], [layers.dense({ units: 1024, activation: 'relu', kernelInitializer: 'zeros' })], 8),
};

function net(inputShape: number[], chain: readonly tfl.layers.Layer[], batchSize: number): Net {
  const input = tfl.input({ shape: inputShape });
  const logits = [...chain, layers.dense({ units: 2 })].reduce((x, layer) => layer.apply(x) as tfl.SymbolicTensor, input);
  return { model: tfl.model({ inputs: input, outputs: logits }), batchSize };
}

const engine = await startTensorFlowEngine();
const build = nets[process.argv[2] ?? ''];
if (build === undefined) throw new Error(`one of ${Object.keys(nets)}`);
const { model, batchSize } = build();
const inputShape = model.inputs[0]?.shape.slice(1).map(Number) ?? [];
const size = inputShape.reduce((product, length) => product * length, 1);
const count = 2 * batchSize;
const examples = examplesFrom({
  inputShape,
  classes: 2,
  targets: targetsOf(
    Array.from({ length: count }, (_, row) => [row % 2]),
    2,
  ),
  read: async (rows) => new Float32Array(rows.length * size).fill(0.5),
});
const training = TrainingSpec.parse({ epochs: 1, batchSize });
const loss = categoricalCrossEntropy();
const memoryOf = await estimateTrainingMemory({ model, loss, training });
const { device, host, weights } = memoryOf(training);
const before = process.memoryUsage.rss();
const checkpoints = { store: { load: async () => undefined, save: async () => {} }, clock: { now: () => new Date(0) } };
await fitModel({ network: engine.open(model), loss, train: examples, validation: examples, training, checkpoints });
const grown = process.resourceUsage().maxRSS * 1024 - before;
process.stdout.write(`${JSON.stringify({ estimated: device - weights + host, grown, device, host, weights })}\n`);
