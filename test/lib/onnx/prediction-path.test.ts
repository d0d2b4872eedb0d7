import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';

const session = new URL('../../../lib/onnx/session.ts', import.meta.url);
const workerSession = new URL('../../../lib/onnx/worker-session.ts', import.meta.url);

/** Runs a script in a process of its own. @returns what it prints */
async function run(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  return stdout.trim();
}

test('to import the sessions loads no TensorFlow, no protobuf and not yet onnxruntime', async () => {
  const loaded = await run(`
    import { createRequire } from 'node:module';
    import '${session}';
    import '${workerSession}';
    console.log(Object.keys(createRequire('${session}').cache).length);
  `);
  expect(loaded).toBe('0');
});

/** [N, 2] to itself. */
const type = { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'N' }, { dimValue: 2 }] } } };
const identity = encodeModel({
  irVersion: 9,
  opsetImport: [{ domain: '', version: 20 }],
  metadataProps: [],
  graph: {
    name: 'identity',
    node: [{ name: 'same', opType: 'Identity', input: ['x'], output: ['y'], attribute: [] }],
    initializer: [],
    input: [{ name: 'x', type }],
    output: [{ name: 'y', type }],
    valueInfo: [],
  },
});

test('a worker session that was left open does not keep its process alive', async () => {
  const lines = await run(`
    import { openWorkerSession } from '${workerSession}';
    const model = Buffer.from('${Buffer.from(identity).toString('base64')}', 'base64');
    const session = await openWorkerSession(model);
    console.log((await session.run(new Float32Array([1, 2]), [1, 2])).data.join());
  `);
  expect(lines).toBe('1,2');
});
