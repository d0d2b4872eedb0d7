import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { openTrainable } from '../../../lib/pipeline/open-trainable.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import type { MachineCache } from '../../../lib/ports.ts';
import { startOnnxEngine } from '../../../lib/training/onnx/onnx-engine.ts';
import type { TrainingEngine } from '../../../lib/training/start-engine.ts';
import { startTensorFlowEngine } from '../../../lib/training/tensorflow/tensorflow-engine.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { memoryMachineCache } from '../../support/memory-machine-cache.ts';
import { trashTraining } from '../../support/training-context.ts';

/** A job on a machine that has both engines. */
async function jobOnBoth(machineCache: MachineCache): Promise<TrainingContext> {
  const context = await trashTraining({ strategy: 'feature-extraction' });
  const engine = { ...(await startTensorFlowEngine()), other: await startOnnxEngine() };
  return { ...context, engine, world: { ...context.world, machineCache } };
}

const headOf = (units: number): tfl.LayersModel =>
  tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [8], units, name: 'logits' })] });

/** Timings of this many days ago, by the clock of `trashTraining`. */
const timingOf = (seconds: Readonly<Record<string, number>>, days = 0) => ({
  measuredAt: new Date(manualClock().now().getTime() - days * 86_400_000).toISOString(),
  seconds,
});

async function opened(context: TrainingContext, units = 6): Promise<string> {
  const { runtime } = await openTrainable({ model: headOf(units), trainable: ['logits'] }, context);
  return runtime.name;
}

test('a network trains in the engine whose steps are clearly faster, by the timings of this machine', async () => {
  const cache = memoryMachineCache();
  const context = await jobOnBoth(cache);
  const usual = context.engine.runtime.name;
  await opened(context);
  const [name = ''] = cache.values.keys();
  const measured = { [usual]: expect.any(Number), onnx: expect.any(Number) };
  expect(cache.values.get(name)).toEqual({ measuredAt: expect.any(String), seconds: measured });
  for (const [seconds, chosen] of [
    [{ [usual]: 1, onnx: 0.5 }, 'onnx'],
    [{ [usual]: 1, onnx: 0.95 }, usual],
    [{ [usual]: 1, onnx: 2 }, usual],
    [{ [usual]: 1 }, usual],
    [{ onnx: 2 }, 'onnx'],
  ] as const) {
    expect(await opened(await jobOnBoth(memoryMachineCache(new Map([[name, timingOf(seconds)]]))))).toBe(chosen);
  }
});

test('a later attempt keeps the engine, whatever the timings are then', async () => {
  const cache = memoryMachineCache();
  const context = await jobOnBoth(cache);
  const first = await opened(context);
  for (const key of cache.values.keys())
    cache.values.set(key, timingOf(first === 'onnx' ? { onnx: 2, wasm: 1 } : { onnx: 1, wasm: 2 }));
  expect(await opened(context)).toBe(first);
  const { other, ...engine } = context.engine;
  const ofMoreThreads = ({ runtime, ...rest }: TrainingEngine): TrainingEngine => ({
    ...rest,
    runtime: { ...runtime, versions: { ...runtime.versions, threads: '64' } },
  });
  if (other === undefined) throw new TypeError('no other engine');
  const elsewhere = { ...context, engine: { ...ofMoreThreads(engine), other: ofMoreThreads(other) } };
  expect(await opened(elsewhere), 'on another machine').toBe(first);
});

test('timings that are older than a week, or lack an engine, are measured again', async () => {
  const cache = memoryMachineCache();
  const context = await jobOnBoth(cache);
  const usual = context.engine.runtime.name;
  await opened(context);
  const [name = ''] = cache.values.keys();
  const old = timingOf({ [usual]: 1, onnx: 0.5 }, 8);
  const expired = memoryMachineCache(new Map([[name, old]]));
  await opened(await jobOnBoth(expired));
  expect(expired.values.get(name)).not.toEqual(old);
  const incomplete = memoryMachineCache();
  const job = await jobOnBoth(incomplete);
  const failing: TrainingEngine = {
    ...(await startOnnxEngine()),
    open() {
      throw new Error('out of memory');
    },
  };
  expect(await opened({ ...job, engine: { ...job.engine, other: failing } })).toBe(usual);
  expect(incomplete.values.size).toBe(0);
});

test('networks of other sizes are timed apart, and those of the same size once', async () => {
  const cache = memoryMachineCache();
  const context = await jobOnBoth(cache);
  for (const units of [6, 6, 3]) await opened(context, units);
  expect(cache.values.size).toBe(2);
});

test('timings that cannot be kept are used all the same', async () => {
  const events: string[] = [];
  const cache: MachineCache = {
    read: async () => undefined,
    write: () => Promise.reject(new Error('no space left on device')),
  };
  const context = await jobOnBoth(cache);
  const name = await opened({ ...context, world: { ...context.world, log: (event) => events.push(event) } });
  expect([context.engine.runtime.name, 'onnx']).toContain(name);
  expect(events).toEqual(['engine.not-kept', 'engine']);
});

test('the only engine needs no timing', async () => {
  const cache = memoryMachineCache();
  const context = await jobOnBoth(cache);
  const { other: _, ...only }: TrainingEngine = context.engine;
  expect(await opened({ ...context, engine: only })).toBe(only.runtime.name);
  expect(cache.values.size).toBe(0);
});
