/**
 * A separate process that trains the tail of a backbone, one step for each message, and answers with its seconds and CPU seconds.
 * `measure-engine.ts ENGINE NAME INPUT_SIZE [TRAINED]`. TRAINED are prefixes of the names of the layers that train,
 * separated by commas, but for BatchNormalization, as in keras/step.py; default: all stages of the tail.
 */

import { loadBackbone } from '../../lib/backbones/load-backbone.ts';
import { OptimizerSpec } from '../../lib/contracts/training-spec.ts';
import { cutModel, stack } from '../../lib/freezing/cut-model.ts';
import { planNamed, trainedStages } from '../../lib/freezing/cut-plan.ts';
import { buildHead } from '../../lib/heads/build-head.ts';
import { drawBatch } from '../../lib/training/draw-batch.ts';
import { categoricalCrossEntropy } from '../../lib/training/losses/loss.ts';
import { startOnnxEngine } from '../../lib/training/onnx/onnx-engine.ts';
import { startTensorFlowEngine } from '../../lib/training/tensorflow/tensorflow-engine.ts';

const [BATCH, CLASSES] = [32, 10];
const [engineName = '', name = '', inputSize = '', prefixes] = process.argv.slice(2);

const engine = await startNamed(engineName);
const spec = { name, inputSize: Number(inputSize), weights: 'none' as const };
const plan = planNamed('fine-tune-top', spec);
const { model } = loadBackbone({ ...spec, seed: 1 });
const tail = typeof plan.cut === 'object' ? cutModel(model, plan.cut.layer).tail : model;
if (tail === undefined) throw new Error(`${name} has no tail`);
const stages = new Set(trainedStages(plan, spec).flat());
const beginnings = prefixes?.split(',') ?? [''];
for (const layer of tail.layers) {
  const isChosen = prefixes === undefined || layer.getClassName() !== 'BatchNormalization';
  layer.trainable = isChosen && stages.has(layer.name) && beginnings.some((prefix) => layer.name.startsWith(prefix));
}
const shape = tail.outputShape.slice(1).map(Number);
const network = stack(tail, buildHead('linear', shape, { classes: CLASSES, seed: 1 }));
const batch = drawBatch(network, BATCH);
const trainer = engine.open(network).openTrainer({
  loss: categoricalCrossEntropy(),
  optimizer: OptimizerSpec.parse({ name: 'adam' }),
});

process.on('message', async () => {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await trainer.accumulate(batch, { seedOf: () => 1 });
  trainer.update(1e-5);
  await trainer.readOutcomes();
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({ seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 });
});
process.on('disconnect', () => process.exit(0));
process.send?.(process.memoryUsage.rss());

function startNamed(name: string) {
  if (name === 'onnx') return startOnnxEngine();
  return name === 'webgpu' ? startOnnxEngine(name) : startTensorFlowEngine();
}
