import { describe, expect, it } from 'vitest';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { startEngine } from '../../../lib/training/start-engine.ts';

describe('startEngine', () => {
  it('starts what GRAFT_ENGINE asks for', async () => {
    const { name } = await startTensorFlow();
    const engine = await startEngine({ GRAFT_ENGINE: 'onnx' });
    expect(engine.runtime).toMatchObject({ name: 'onnx', versions: { onnxruntime: expect.stringMatching(/^\d+\.\d+/) } });
    expect((await startEngine({ GRAFT_ENGINE: 'tensorflow' })).runtime.name).toBe(name);
  });

  it('starts TensorFlow if nothing is asked for', async () => {
    const { name } = await startTensorFlow();
    expect((await startEngine({})).runtime.name).toBe(name);
  });

  it('refuses any other engine', async () => {
    await expect(startEngine({ GRAFT_ENGINE: 'torch' })).rejects.toMatchObject({
      code: 'ENGINE_UNKNOWN',
      received: 'torch',
      expected: 'tensorflow or onnx',
    });
  });
});
