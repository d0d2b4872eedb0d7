import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { OptimizerSpec } from '../../../lib/contracts/training-spec.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { type StartOptions, startEngine } from '../../../lib/training/start-engine.ts';

describe('startEngine', () => {
  const start = async (options: StartOptions) => (await startEngine(options)).runtime.name;

  it('starts what GRAFT_ENGINE asks for', async () => {
    const { name } = await startTensorFlow();
    const engine = await startEngine({ environment: { GRAFT_ENGINE: 'onnx' } });
    expect(engine.runtime).toMatchObject({ name: 'onnx', versions: { onnxruntime: expect.stringMatching(/^\d+\.\d+/) } });
    expect(await start({ environment: { GRAFT_ENGINE: 'tensorflow' } })).toBe(name);
  });

  it('prefers ONNX Runtime to TensorFlow in WebAssembly, unless GRAFT_TENSORFLOW asks for that', async () => {
    const { name } = await startTensorFlow();
    expect(await start({ environment: {} })).toBe(name === 'wasm' ? 'onnx' : name);
    expect(await start({ environment: { GRAFT_TENSORFLOW: name } })).toBe(name);
  });

  it('keeps the runtime of an earlier attempt if it is there, unless the environment asks for another one', async () => {
    const { name } = await startTensorFlow();
    expect(await start({ environment: {}, earlier: 'onnx' })).toBe('onnx');
    expect(await start({ environment: {}, earlier: name })).toBe(name);
    expect(await start({ environment: {}, earlier: 'gpu' })).toBe(name === 'wasm' ? 'onnx' : name);
    expect(await start({ environment: { GRAFT_ENGINE: 'tensorflow' }, earlier: 'onnx' })).toBe(name);
    expect(await start({ environment: { GRAFT_ENGINE: 'onnx' }, earlier: name })).toBe('onnx');
  });

  it('starts ONNX Runtime for layers of an ONNX graph, and refuses TensorFlow for them', async () => {
    const { name } = await startTensorFlow();
    expect(await start({ environment: { GRAFT_TENSORFLOW: name }, earlier: name, onnxOnly: true })).toBe('onnx');
    const refused = startEngine({ environment: { GRAFT_ENGINE: 'tensorflow' }, onnxOnly: true });
    await expect(refused).rejects.toMatchObject({ code: 'ENGINE_INCOMPATIBLE', at: 'GRAFT_ENGINE' });
  });

  it('refuses any other engine', async () => {
    await expect(startEngine({ environment: { GRAFT_ENGINE: 'torch' } })).rejects.toMatchObject({
      code: 'ENGINE_UNKNOWN',
      received: 'torch',
      expected: 'tensorflow or onnx',
    });
  });
});

describe('a network that ONNX Runtime cannot train', () => {
  const networkWith = (layer: tfl.layers.Layer): tfl.LayersModel => {
    const input = tfl.input({ shape: [4] });
    const output = tfl.layers.dense({ units: 2 }).apply(layer.apply(input));
    return tfl.model({ inputs: input, outputs: output as tfl.SymbolicTensor });
  };

  it('trains in TensorFlow, with a line in the log', async () => {
    const { name } = await startTensorFlow();
    const lines: unknown[] = [];
    const engine = await startEngine({
      environment: {},
      earlier: 'onnx',
      log: (event, details) => lines.push({ event, ...details }),
    });
    const tensors = tf.memory().numTensors;
    const noisy = networkWith(tfl.layers.gaussianNoise({ stddev: 0.1 }));
    expect((await engine.open(noisy)).runtime.name).toBe(name);
    expect(lines).toMatchObject([
      { event: 'engine.fallback', from: 'onnx', to: name, because: expect.stringContaining('GaussianNoise') },
    ]);
    const dense = networkWith(tfl.layers.dense({ units: 3, activation: 'relu', trainable: false }));
    expect((await engine.open(dense)).runtime.name).toBe('onnx');
    expect(lines).toHaveLength(1);
    expect(dense.layers[1]?.trainable).toBe(false);
    noisy.dispose();
    dense.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('fails if GRAFT_ENGINE asks for ONNX Runtime', async () => {
    const engine = await startEngine({ environment: { GRAFT_ENGINE: 'onnx' } });
    const network = networkWith(tfl.layers.gaussianNoise({ stddev: 0.1 }));
    const options = { loss: categoricalCrossEntropy(), optimizer: OptimizerSpec.parse({ name: 'sgd' }) };
    const opened = await engine.open(network);
    expect(() => opened.openTrainer(options)).toThrow(expect.objectContaining({ code: 'ONNX_LAYER_UNSUPPORTED' }));
    network.dispose();
  });
});
