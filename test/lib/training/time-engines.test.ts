import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { CapacityError } from '../../../lib/errors.ts';
import { leafLayers } from '../../../lib/training/layers-model/leaf-layers.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { startOnnxEngine } from '../../../lib/training/onnx/onnx-engine.ts';
import type { TrainingEngine } from '../../../lib/training/start-engine.ts';
import { startTensorFlowEngine } from '../../../lib/training/tensorflow/tensorflow-engine.ts';
import { timeEngines } from '../../../lib/training/time-engines.ts';

let [tensorflow, onnx] = [{} as TrainingEngine, {} as TrainingEngine];
beforeAll(async () => {
  tensorflow = await startTensorFlowEngine();
  onnx = await startOnnxEngine();
});

const training = TrainingSpec.parse({ batchSize: 4 });
const loss = categoricalCrossEntropy();

/** Times a model, and tells which engines failed with which code. */
async function time(engines: readonly TrainingEngine[], model: tfl.LayersModel, trainable: readonly string[]) {
  const failures: unknown[] = [];
  const onFailure = (runtime: string, error: unknown) => failures.push([runtime, (error as { code?: string }).code]);
  const seconds = await timeEngines(engines, { model, loss, training, trainable, onFailure });
  return { seconds, failures };
}

/** A network with statistics that training moves. */
function networkWith(...more: tfl.layers.Layer[]): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.dense({ inputShape: [3], units: 5, name: 'hidden' }),
      tfl.layers.batchNormalization({ name: 'norm' }),
      ...more,
      tfl.layers.dense({ units: 2, name: 'logits' }),
    ],
  });
}

describe('timeEngines', () => {
  it('gives the seconds of a step in each engine, and leaves the network as it was', async () => {
    const model = networkWith();
    for (const { layer } of leafLayers(model)) layer.trainable = layer.name === 'logits';
    const weights = () => model.getWeights().map((weight) => [...weight.dataSync()]);
    const before = weights();
    const tensors = tf.memory().numTensors;
    const { seconds, failures } = await time([tensorflow, onnx], model, ['norm', 'logits']);
    expect(failures).toEqual([]);
    expect(Object.keys(seconds).toSorted()).toEqual([tensorflow.runtime.name, 'onnx'].toSorted());
    for (const each of Object.values(seconds)) expect(each).toBeGreaterThan(0);
    expect(weights()).toEqual(before);
    expect(leafLayers(model).filter(({ trainable }) => trainable)).toHaveLength(1);
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it('leaves out an engine that cannot train a layer', async () => {
    const model = networkWith(tfl.layers.gaussianNoise({ stddev: 0.1 }));
    const { seconds, failures } = await time([tensorflow, onnx], model, ['logits']);
    expect(Object.keys(seconds)).toEqual([tensorflow.runtime.name]);
    expect(failures).toEqual([['onnx', 'ONNX_LAYER_UNSUPPORTED']]);
    model.dispose();
  });

  it('leaves out an engine whose memory is too small', async () => {
    const small: TrainingEngine = {
      ...onnx,
      open: (model) => ({
        ...onnx.open(model),
        checkMemory: async () => {
          throw new CapacityError('MEMORY_TOO_SMALL', { expected: '1 GiB', received: '2 GiB' });
        },
      }),
    };
    const model = networkWith();
    const { seconds, failures } = await time([small, tensorflow], model, ['logits']);
    expect(Object.keys(seconds)).toEqual([tensorflow.runtime.name]);
    expect(failures).toEqual([['onnx', 'MEMORY_TOO_SMALL']]);
    model.dispose();
  });

  it('restores the network if it is interrupted', async () => {
    const model = networkWith();
    for (const { layer } of leafLayers(model)) layer.trainable = false;
    const stop = new AbortController();
    const steps = async () => stop.abort(new Error('asked to stop'));
    const trial = {
      model,
      loss,
      training,
      trainable: ['logits'],
      signal: stop.signal,
      yieldToEventLoop: steps,
      onFailure: () => {},
    };
    await expect(timeEngines([tensorflow, onnx], trial)).rejects.toThrow('asked to stop');
    expect(leafLayers(model).some(({ trainable }) => trainable)).toBe(false);
    model.dispose();
  });
});
