import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { OptimizerSpec } from '../../../../../lib/contracts/training-spec.ts';
import { mulberry32 } from '../../../../../lib/random.ts';
import { sharedFloats } from '../../../../../lib/training/onnx/optimizers/float-arrays.ts';
import { ruleOf, updateOfShare, type VariableArrays } from '../../../../../lib/training/onnx/optimizers/update-share.ts';
import {
  CELLS,
  ENDED,
  openUpdateThreads,
  READY,
  type UpdateWorkerData,
  updateThreadCount,
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

  it('are several for many weights', () => {
    expect(updateThreadCount(999_999, 2)).toBe(1);
    expect([1, 2, 16].map((cores) => updateThreadCount(1e6, cores))).toEqual([1, 2, 4]);
  });

  it('refuse arrays that are not shared, because they would update copies', () => {
    const [shared] = drawVariables(spec, [9]);
    for (const own of [{ values: new Float32Array(9) }, { gradient: new Float32Array(9) }]) {
      expect(() => openUpdateThreads(spec, [{ ...shared!, ...own }], { count: 2 })).toThrow(TypeError);
    }
  });

  it('give the same bits as this thread alone, before and after the workers have started', async () => {
    const sizes = [90_000, 3, 30_001];
    const [alone, together] = [drawVariables(spec, sizes), drawVariables(spec, sizes)];
    const threads = openUpdateThreads(spec, together, { count: 3 });
    const update = updateOfShare(spec, alone, { index: 0, count: 1 });
    for (let iteration = 1; iteration <= 4; iteration++) {
      update(rates, iteration);
      threads.step(rates, iteration);
      if (iteration === 1) await vi.waitFor(() => expect(threads.started).toBe(2), { timeout: 20_000 });
    }
    threads.close();
    for (const [i, { values, slots }] of alone.entries()) {
      expect(Buffer.compare(bytesOf(together[i]!.values), bytesOf(values))).toBe(0);
      expect(Buffer.compare(bytesOf(together[i]!.slots.velocity!), bytesOf(slots.velocity!))).toBe(0);
    }
    await vi.waitFor(() => expect(threads.started).toBe(0), { timeout: 20_000 });
  });

  it('do the share of a worker that has ended', async () => {
    const [alone, together] = [drawVariables(spec, [9]), drawVariables(spec, [9])];
    const threads = openUpdateThreads(spec, together, { count: 2 });
    await vi.waitFor(() => expect(threads.started).toBe(1), { timeout: 20_000 });
    threads.close();
    await vi.waitFor(() => expect(threads.started).toBe(0), { timeout: 20_000 });
    threads.step([0.1], 1);
    updateOfShare(spec, alone, { index: 0, count: 1 })([0.1], 1);
    expect(together).toEqual(alone);
  });

  it.each([
    ['fails', 60_000, `Atomics.store(cells, ${CELLS.done}, ${ENDED}); Atomics.notify(cells, ${CELLS.done})`, 'one that failed'],
    ['does not answer', 10, 'setInterval(() => {}, 1000)', 'no result in 0.01 s'],
  ])('fail if a worker %s', async (_, longestWait, whenAsked, received) => {
    const code = `
      const { cells } = require('node:worker_threads').workerData;
      Atomics.store(cells, ${CELLS.done}, ${READY});
      Atomics.wait(cells, ${CELLS.asked}, ${READY});
      ${whenAsked}`;
    const start = (workerData: UpdateWorkerData): Worker => new Worker(code, { eval: true, workerData });
    const threads = openUpdateThreads(spec, drawVariables(spec, [10]), { count: 2, longestWait, start });
    await vi.waitFor(() => expect(threads.started).toBe(1), { timeout: 20_000 });
    const lost = { code: 'UPDATE_THREAD_LOST', retryable: true, message: expect.stringContaining(received) };
    expect(() => threads.step([0.1], 1)).toThrow(expect.objectContaining(lost));
    await vi.waitFor(() => expect(threads.started).toBe(0), { timeout: 20_000 });
  });

  it('do the share of a worker that cannot start', () => {
    const [alone, together] = [drawVariables(spec, [9]), drawVariables(spec, [9])];
    const failures: unknown[] = [];
    const start = (): Worker => {
      throw new Error('no memory');
    };
    const threads = openUpdateThreads(spec, together, { count: 3, start, onFailure: (error) => failures.push(error) });
    threads.step([0.1], 1);
    updateOfShare(spec, alone, { index: 0, count: 1 })([0.1], 1);
    expect(together).toEqual(alone);
    expect(failures).toHaveLength(2);
    threads.close();
  });
});

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer);
}
