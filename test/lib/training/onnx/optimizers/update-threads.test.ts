import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { OptimizerSpec } from '../../../../../lib/contracts/training-spec.ts';
import { mulberry32 } from '../../../../../lib/random.ts';
import { sharedFloats } from '../../../../../lib/training/onnx/optimizers/shared-floats.ts';
import { ruleOf, updateOfShare, type VariableArrays } from '../../../../../lib/training/onnx/optimizers/update-share.ts';
import {
  CELLS,
  ENDED,
  openUpdateThreads,
  READY,
  type UpdateWorkerData,
} from '../../../../../lib/training/onnx/optimizers/update-threads.ts';

const specs = [
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'rmsprop', momentum: 0.5, centered: true },
  { name: 'adam', amsgrad: true },
  { name: 'adamw', weightDecay: 0.1 },
  { name: 'adagrad' },
].map((spec) => OptimizerSpec.parse(spec));

/** Variables of these sizes, whose arrays are the same at each call. */
function drawVariables(spec: OptimizerSpec, sizes: readonly number[]): VariableArrays[] {
  const random = mulberry32(1);
  const drawn = (length: number): Float32Array => sharedFloats(length).map(() => random() - 0.5);
  return sizes.map((length) => ({
    values: copied(drawn(length)),
    gradient: copied(drawn(length)),
    slots: Object.fromEntries(
      Object.entries(ruleOf(spec).slots).map(([name, start]) => [name, sharedFloats(length).fill(start)]),
    ),
  }));
}

/** A copy that threads share: `map` returns one that they do not. */
function copied(values: Float32Array): Float32Array {
  const shared = sharedFloats(values.length);
  shared.set(values);
  return shared;
}

const rates = [0.1, 0.02, 0.3];

describe('shares of an update', () => {
  it.each(specs.map((spec) => [spec.name, spec] as const))('%s gives the same bits in three shares as in one', (_, spec) => {
    const [whole, divided] = [drawVariables(spec, [7, 1, 100]), drawVariables(spec, [7, 1, 100])];
    for (let iteration = 1; iteration <= 3; iteration++) {
      updateOfShare(spec, whole, { index: 0, count: 1 })(rates, iteration);
      for (const index of [2, 0, 1]) updateOfShare(spec, divided, { index, count: 3 })(rates, iteration);
    }
    expect(divided).toEqual(whole);
    expect(whole[0]!.values).not.toEqual(drawVariables(spec, [7, 1, 100])[0]!.values);
  });
});

describe('threads of an update', () => {
  const spec = OptimizerSpec.parse({ name: 'adam' });
  const many = [900_000, 3, 300_001];

  it('give the same bits as this thread alone, before and after the workers have started', async () => {
    const [alone, together] = [drawVariables(spec, many), drawVariables(spec, many)];
    const threads = openUpdateThreads(spec, together);
    const update = updateOfShare(spec, alone, { index: 0, count: 1 });
    for (let iteration = 1; iteration <= 6; iteration++) {
      update(rates, iteration);
      threads.update(rates, iteration);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    threads.close();
    for (const [i, { values, slots }] of alone.entries()) {
      expect(Buffer.compare(bytesOf(together[i]!.values), bytesOf(values))).toBe(0);
      expect(Buffer.compare(bytesOf(together[i]!.slots.velocity!), bytesOf(slots.velocity!))).toBe(0);
    }
  });

  it('update only their share, once for each step, and end when they are told to', async () => {
    const variables = drawVariables(spec, [10]);
    const expected = drawVariables(spec, [10]);
    const cells = new Int32Array(new SharedArrayBuffer(8));
    cells[CELLS.done] = -1;
    const step = new Float64Array(new SharedArrayBuffer(16));
    const data: UpdateWorkerData = { spec, variables, share: { index: 1, count: 2 }, cells, step };
    const worker = new Worker(new URL('../../../../../lib/training/onnx/optimizers/update-worker.ts', import.meta.url), {
      workerData: data,
    });
    const exited = once(worker, 'exit');
    expect(Atomics.wait(cells, CELLS.done, -1, 20_000)).not.toBe('timed-out');
    expect(Atomics.load(cells, CELLS.done)).toBe(READY);
    for (const asked of [1, 2]) {
      step.set([asked, 0.1]);
      Atomics.store(cells, CELLS.asked, asked);
      Atomics.notify(cells, CELLS.asked);
      expect(Atomics.wait(cells, CELLS.done, asked - 1, 20_000)).not.toBe('timed-out');
      updateOfShare(spec, expected, { index: 1, count: 2 })([0.1], asked);
      expect(variables).toEqual(expected);
    }
    Atomics.store(cells, CELLS.asked, ENDED);
    Atomics.notify(cells, CELLS.asked);
    expect(await exited).toEqual([0]);
  });
});

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer);
}
