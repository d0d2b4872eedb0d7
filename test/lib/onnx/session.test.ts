import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { openWorkerSession } from '../../../lib/onnx/worker-session.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { apply, drawInput, modelOf } from './same-as-tensorflow.ts';

useTensorFlow();

/** [N, 4, 4, 3] to [N, 2]. */
function smallModel(): Uint8Array {
  return exportOnnx(modelOf([4, 4, 3], (x) => apply(tfl.layers.dense({ units: 2 }), apply(tfl.layers.flatten(), x))));
}

describe.each([
  ['a session in this thread', openSession],
  ['a session in a worker', openWorkerSession],
])('%s', (_, open) => {
  test('says what the model takes and gives', async () => {
    const session = await open(smallModel());
    expect(session.inputs).toEqual([{ name: 'images', shape: ['N', 4, 4, 3] }]);
    expect(session.outputs).toEqual([{ name: 'features', shape: ['N', 2] }]);
    await session.close();
  });

  test('opens a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'graft-test-'));
    await writeFile(join(folder, 'model.onnx'), smallModel());
    const session = await open(join(folder, 'model.onnx'), { optimization: 'disabled' });
    expect((await session.run(drawInput([1, 4, 4, 3]), [1, 4, 4, 3])).dims).toEqual([1, 2]);
    await session.close();
    await rm(folder, { recursive: true });
  });

  test('opens a view of a larger buffer, and leaves it as it was', async () => {
    const model = smallModel();
    const larger = new Uint8Array(model.length + 200).fill(7);
    larger.set(model, 100);
    const session = await open(larger.subarray(100, 100 + model.length));
    await session.close();
    expect(larger.subarray(100, 100 + model.length)).toEqual(model);
  });

  test('answers concurrent runs each with its own result, and leaves the inputs as they were', async () => {
    const session = await open(smallModel());
    const inputs = [1, 3, 2, 5, 4].map((batch) => drawInput([batch, 4, 4, 3]));
    const together = await Promise.all(inputs.map((input) => session.run(input, [input.length / 48, 4, 4, 3])));
    for (const [i, input] of inputs.entries()) {
      expect(input).toEqual(drawInput([input.length / 48, 4, 4, 3]));
      expect(together[i]).toEqual(await session.run(input, [input.length / 48, 4, 4, 3]));
      expect(together[i]?.dims).toEqual([input.length / 48, 2]);
    }
    await session.close();
  });

  test('refuses an input that the model does not take, and goes on', async () => {
    const session = await open(smallModel());
    for (const [input, dims] of [
      [new Float32Array(48), [1, 3, 4, 4]],
      [new Float32Array(48), [1, 48]],
      [new Float32Array(47), [1, 4, 4, 3]],
    ] as const) {
      await expect(session.run(input, dims)).rejects.toMatchObject({ name: 'DataError', code: 'ONNX_INPUT_MISMATCH' });
    }
    expect((await session.run(new Float32Array(48), [1, 4, 4, 3])).dims).toEqual([1, 2]);
    await session.close();
  });

  test('refuses what is no model', async () => {
    await expect(open(new TextEncoder().encode('not a model'))).rejects.toMatchObject({
      name: 'DataError',
      code: 'ONNX_UNREADABLE',
    });
    await expect(open('/nowhere/model.onnx')).rejects.toMatchObject({ name: 'DataError', code: 'ONNX_UNREADABLE' });
  });

  test('answers what was asked before it closes, and nothing after', async () => {
    const session = await open(smallModel());
    const asked = session.run(new Float32Array(48), [1, 4, 4, 3]);
    const closed = session.close();
    await expect(session.run(new Float32Array(48), [1, 4, 4, 3])).rejects.toMatchObject({ code: 'ONNX_SESSION_CLOSED' });
    expect((await asked).dims).toEqual([1, 2]);
    await closed;
    await session.close();
  });
});

test('both kinds of session give the same bits', async () => {
  const here = await openSession(smallModel());
  const there = await openWorkerSession(smallModel());
  const input = drawInput([3, 4, 4, 3]);
  expect(await there.run(input, [3, 4, 4, 3])).toEqual(await here.run(input, [3, 4, 4, 3]));
  await Promise.all([here.close(), there.close()]);
});

test('a worker takes the memory of an input that is given away, and not the memory around it', async () => {
  const session = await openWorkerSession(smallModel());
  const larger = new Float32Array(96);
  const given = new Float32Array(48);
  await session.run(larger.subarray(48), [1, 4, 4, 3], [], { transfer: true });
  await session.run(given, [1, 4, 4, 3], [], { transfer: true });
  expect([larger.length, given.length]).toEqual([96, 0]);
  await session.close();
});

test('a worker that dies rejects the run that it was busy with, and every later one', async () => {
  const session = await openWorkerSession(smallModel(), { worker: new URL('./dying-worker.ts', import.meta.url) });
  const lost = { name: 'RuntimeError', code: 'ONNX_WORKER_EXITED', retryable: true };
  await expect(session.run(new Float32Array(48), [1, 4, 4, 3])).rejects.toMatchObject(lost);
  await expect(session.run(new Float32Array(48), [1, 4, 4, 3])).rejects.toMatchObject(lost);
  await session.close();
});
