import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Runs a program in a new process, because test files of a process share TensorFlow.js. */
function run(program: string): { readonly printed: unknown; readonly stderr: string } {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    cwd: new URL('../../..', import.meta.url),
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  return { printed: JSON.parse(stdout || 'null'), stderr };
}

const begin = `
  const { startTensors } = await import('./lib/tensor/start-tensors.ts');
  await startTensors();
  const tf = await import('@tensorflow/tfjs-core');`;

it('starts no other runtime, and logs nothing', () => {
  const { printed, stderr } = run(`${begin}
    const sum = [...tf.add(tf.ones([2]), 1).dataSync()];
    console.log(JSON.stringify({ sum, backends: Object.keys(tf.engine().registryFactory) }));`);
  expect(stderr).toBe('');
  expect(printed).toEqual({ sum: [2, 2], backends: ['cpu'] });
});

it('holds weights as the arrays that were given, and hands them over to the runtime that trains', () => {
  const { printed, stderr } = run(`${begin}
    const { layers, sequential } = await import('@tensorflow/tfjs-layers');
    const { startTensorFlow } = await import('./lib/tensor/start-tensorflow.ts');
    const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3], useBias: false })] });
    const kernel = Float32Array.of(0, 1, 2, 3, 4, 5);
    const [weight] = model.layers[0].weights;
    weight.write(tf.tensor(kernel, [3, 2]));
    const isSame = weight.read().dataSync() === kernel;
    const { name } = await startTensorFlow();
    const outputs = [...model.predict(tf.tensor2d([1, 10, 100], [1, 3])).dataSync()];
    await startTensors();
    console.log(JSON.stringify({ isSame, outputs, left: [...weight.read().dataSync()], stays: tf.getBackend() !== 'cpu', name }));`);
  expect(stderr).toBe('');
  expect(printed).toMatchObject({ isSame: true, outputs: [420, 531], left: [0, 1, 2, 3, 4, 5], stays: true });
});
