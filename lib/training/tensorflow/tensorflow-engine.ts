/** TensorFlow.js as an engine: on a GPU, natively, or in WebAssembly. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { startTensorFlow } from '../../tensor/start-tensorflow.ts';
import type { TensorRuntime } from '../../tensor/tensor-runtime.ts';
import type { Engine, EngineNetwork, TrainerOptions } from '../engine.ts';
import { changingVariables, unfreezeLayers } from '../layers-model/leaf-layers.ts';
import { classCount, exampleShape } from '../layers-model/model-shape.ts';
import { checkTrainingMemory } from './check-memory.ts';
import { inferenceForward } from './forward.ts';
import { meanLoss } from './losses/mean-loss.ts';
import { penalties } from './penalties.ts';
import { createTrainer } from './trainer.ts';
import { readVariables, writeVariables } from './variables.ts';

export interface TensorFlowEngine extends Engine<LayersModel> {
  readonly runtime: TensorRuntime;
  open(model: LayersModel): EngineNetwork;
}

/** Starts TensorFlow if it is not running yet. @throws as startTensorFlow */
export async function startTensorFlowEngine(): Promise<TensorFlowEngine> {
  const runtime = await startTensorFlow();
  return { runtime, open: (model) => openModel(model, runtime) };
}

function openModel(model: LayersModel, runtime: TensorRuntime): EngineNetwork {
  const changing = (layers?: readonly string[]) =>
    changingVariables(model, layers).map(({ name, variable }) => [name, variable] as const);
  return {
    runtime,
    async evaluate({ inputs, targets, weights }, loss) {
      const classes = classCount(model);
      const count = targets.length / classes;
      const [logits, mean] = tf.tidy(() => {
        const output = inferenceForward(model, tf.tensor(inputs, [count, ...exampleShape(model)]));
        const wanted = tf.tensor2d(targets, [count, classes]);
        return [output, meanLoss(loss, output, wanted, weights && tf.tensor2d(weights, [count, 1]))];
      });
      try {
        return { logits: await logits.data<'float32'>(), loss: Number((await mean.data())[0]) };
      } finally {
        tf.dispose([logits, mean]);
      }
    },
    async penalty() {
      const total = tf.tidy(() => penalties(model).reduce((sum, penalty) => tf.add(sum, penalty), tf.scalar(0)));
      const [value = 0] = await total.data();
      total.dispose();
      return value;
    },
    unfreeze: (layers) => unfreezeLayers(model, layers),
    changing: () => changing().map(([name, { shape }]) => ({ name, shape })),
    snapshot: (layers) => readVariables(changing(layers)),
    restore: (snapshot, layers) => writeVariables(snapshot, changing(layers)),
    openTrainer: (options: TrainerOptions) => createTrainer(model, options),
    async checkMemory({ loss, inferring, training }) {
      await checkTrainingMemory({ model, loss, training, inferring });
    },
  };
}
