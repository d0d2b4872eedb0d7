import { availableParallelism } from 'node:os';
import * as tfl from '@tensorflow/tfjs-layers';
import { product, sum } from '../arithmetic.ts';
import { backboneCost } from '../backbones/backbone-cost.ts';
import { countPass } from '../backbones/count-costs.ts';
import { apply } from '../backbones/layers/functional.ts';
import { loadBackbone } from '../backbones/load-backbone.ts';
import type { MachineRates } from '../contracts/machine-profile.ts';
import { TrainingSpec } from '../contracts/training-spec.ts';
import { stack } from '../freezing/cut-model.ts';
import { buildHead } from '../heads/build-head.ts';
import { exportOnnx } from '../onnx/export-onnx.ts';
import { selectedDevice } from '../onnx/selected-device.ts';
import { openSession } from '../onnx/session.ts';
import type { EngineNetwork } from '../training/engine.ts';
import { trainableVariables } from '../training/layers-model/leaf-layers.ts';
import { lossFor } from '../training/losses/loss.ts';
import type { TrainingEngine } from '../training/start-engine.ts';
import type { Measured } from './measured.ts';
import { type PassCost, passSeconds, scaleRates } from './pass-seconds.ts';
import { meanOf, spreadOf, type Timing, timeOnce, timeRepeatedly } from './probe.ts';

/** A small typical backbone: depthwise convolutions, many layers. */
const SMALL = { name: 'mobilenet_v2', alpha: 0.35, inputSize: 96 };
const CLASSES = 6;
const BATCH = 8;
/** Inputs of a linear head, its batch size, and its number of steps. */
const [FEATURES, HEAD_BATCH, HEAD_STEPS] = [1280, 32, 20];

type NetworkRates = 'build' | 'buildLayer' | 'trunk' | 'training' | 'inference' | 'update' | 'step';

/**
 * Measures a network of the catalogue, a network of dense convolutions, and a head: building, frozen inference,
 * training and prediction, in an engine.
 */
export async function measureNetworks(reference: MachineRates, engine: TrainingEngine): Promise<Measured<NetworkRates>> {
  const { seconds: building, result: built } = await timeOnce(async () => {
    const { model, preprocessing } = loadBackbone({ ...SMALL, weights: 'none', seed: 1, pooling: 'avg' });
    const onnx = exportOnnx(model, { preprocessing });
    // ONNX Runtime optimizes the graph while loading it.
    const session = await openSession(onnx, { threads: availableParallelism(), device: selectedDevice() });
    await session.close();
    return { model, onnx };
  });
  const { total } = backboneCost(SMALL);
  const build = building / (reference.build * (total.parameters / 1e6) + reference.buildLayer * total.layers);

  const small = await runNetwork(engine, built.model, built.onnx);
  const dense = await runNetwork(engine, denseConvolutions());
  const steps = await timeHead(engine);
  const timings = [small, dense].flatMap(({ trunk, training, inference }) => [trunk, training, inference]).concat(steps);

  const factor = (of: 'trunk' | 'inference', network: Run): number =>
    meanOf(network[of]) / passSeconds(network.cost, BATCH, reference[of]);
  const trainingFactor = ({ cost, parameters, training }: Run): number =>
    meanOf(training) / (passSeconds(cost, BATCH, reference.training) + (parameters / 1e6) * reference.update + reference.step);
  return {
    rates: {
      build: reference.build * build,
      buildLayer: reference.buildLayer * build,
      trunk: scaleRates(reference.trunk, factor('trunk', small), factor('trunk', dense)),
      inference: scaleRates(reference.inference, factor('inference', small), factor('inference', dense)),
      training: scaleRates(reference.training, trainingFactor(small), trainingFactor(dense)),
      update: reference.update * trainingFactor(small),
      step: meanOf(steps) / HEAD_STEPS,
    },
    spread: Math.max(...timings.map(spreadOf)),
  };
}

interface Run {
  readonly cost: PassCost;
  readonly parameters: number;
  readonly trunk: Timing;
  readonly training: Timing;
  readonly inference: Timing;
}

/**
 * Measures a network, and disposes it.
 * @param onnx the network as a graph, if it was already exported
 */
async function runNetwork(engine: TrainingEngine, network: tfl.LayersModel, onnx?: Uint8Array): Promise<Run> {
  const shape = network.inputs[0]?.shape.slice(1).map(Number) ?? [];
  const inputs = Float32Array.from({ length: BATCH * product(shape) }, (_, i) => Math.sin(i));
  const dims = [BATCH, ...shape];
  const session = await openSession(onnx ?? exportOnnx(network, { inputName: 'features', outputName: 'output' }), {
    threads: availableParallelism(),
    device: selectedDevice(),
  });
  const trunk = await timeRepeatedly(() => session.run(inputs, dims), 4, 0.5);
  await session.close();

  for (const layer of network.layers) layer.trainable = layer.getClassName() !== 'BatchNormalization';
  const head = buildHead('linear', network.outputShape.slice(1).map(Number), { classes: CLASSES, seed: 1 });
  const whole = stack(network, head);
  const step = trainingStep(await engine.open(whole), inputs, BATCH);
  const training = await timeRepeatedly(step.run, 3, 1);
  const inference = await timeRepeatedly(step.evaluate, 3, 0.5);
  const parameters = sum(trainableVariables(whole).map(({ variable }) => variable.size));
  const run = { cost: countPass(whole.outputs), parameters, trunk, training, inference };
  step.dispose();
  whole.dispose();
  return run;
}

async function timeHead(engine: TrainingEngine): Promise<Timing> {
  const head = buildHead('linear', [FEATURES], { classes: CLASSES, seed: 1 });
  const inputs = Float32Array.from({ length: HEAD_BATCH * FEATURES }, (_, i) => Math.abs(Math.sin(i)));
  const step = trainingStep(await engine.open(head), inputs, HEAD_BATCH);
  const timing = await timeRepeatedly(
    async () => {
      for (let i = 0; i < HEAD_STEPS; i++) await step.run();
    },
    3,
    0.5,
  );
  step.dispose();
  head.dispose();
  return timing;
}

/** Creates a training step as in a job: forward pass, backward pass and optimizer step; and an evaluation. */
function trainingStep(network: EngineNetwork, inputs: Float32Array, batch: number) {
  const training = TrainingSpec.parse({});
  const loss = lossFor('single-label', training);
  const trainer = network.openTrainer({ loss, optimizer: training.optimizer });
  const targets = Float32Array.from({ length: batch * CLASSES }, (_, i) =>
    Number(i % CLASSES === Math.floor(i / CLASSES) % CLASSES),
  );
  return {
    async run() {
      await trainer.accumulate({ inputs, targets }, { seedOf: () => 1 });
      trainer.update(1e-6);
      await trainer.readOutcomes();
    },
    evaluate: () => network.evaluate({ inputs, targets }, loss),
    dispose: () => trainer.close(),
  };
}

/** Builds a network of dense convolutions, like those of VGG and ResNet. */
function denseConvolutions(): tfl.LayersModel {
  const [side, channels] = [28, 64];
  const input = tfl.input({ shape: [side, side, channels], name: 'features' });
  const convolved = [3, 1, 3].reduce<tfl.SymbolicTensor>((tensor, kernelSize, i) => {
    const kernelInitializer = tfl.initializers.glorotUniform({ seed: i });
    const layer = tfl.layers.conv2d({ filters: channels, kernelSize, padding: 'same', activation: 'relu', kernelInitializer });
    return apply(layer, tensor);
  }, input);
  return tfl.model({
    inputs: input,
    outputs: apply(tfl.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }), convolved),
  });
}
