import { expect, test } from 'vitest';
import { Checkpointer, type RunState } from '../../../../lib/training/checkpoints/checkpointer.ts';
import type { Snapshot } from '../../../../lib/training/snapshot.ts';
import { memoryCheckpoints } from '../../../support/memory-checkpoints.ts';

const values = (value: number): Snapshot => new Map([['kernel', { shape: [4], values: new Float32Array(4).fill(value) }]]);

/** A network and an optimizer that only give and take their state. @param onSnapshot called when the state is copied */
function runState(onSnapshot = () => {}): RunState {
  const network = {
    runtime: { name: 'abacus', versions: {} },
    async snapshot() {
      onSnapshot();
      return values(1);
    },
    restore: () => {},
  };
  return { network, trainer: { snapshot: async () => values(2), restore: () => {} } } as unknown as RunState;
}

const clock = { now: () => new Date(0) };
const totals = { examples: 0, loss: 0, accuracy: 0 };
const epoch = { epoch: 1, loss: 1, accuracy: 1, validationLoss: 1, validationAccuracy: 1, learningRate: 1 };

test.each([
  ['the best weights', { history: [], batches: 1, totals, iterations: 1 }, 3],
  ['weights that are the best', { history: [epoch], batches: 0, totals, iterations: 1 }, 1],
])('a resumed training keeps %s, and not the checkpoint that they are in', async (_, progress, expected) => {
  const store = memoryCheckpoints();
  const checkpointer = new Checkpointer({ store, clock, run: 'run', log: () => {} });
  await checkpointer.save(runState(), progress, values(3));
  await checkpointer.settle();
  const resumed = await checkpointer.resume(runState());
  const kept = resumed?.best?.get('kernel')?.values ?? new Float32Array();
  expect([...kept]).toEqual(new Array(4).fill(expected));
  expect(kept.buffer.byteLength).toBe(kept.byteLength);
});

test('the state is copied once the previous checkpoint is written', async () => {
  const steps: string[] = [];
  let written = () => {};
  const store = {
    load: async () => undefined,
    save: () =>
      new Promise<void>((resolve) => {
        written = () => {
          steps.push('written');
          resolve();
        };
      }),
  };
  const checkpointer = new Checkpointer({ store, clock, run: 'run', log: () => {} });
  const state = runState(() => steps.push('copied'));
  const progress = { history: [], batches: 1, totals, iterations: 1 };
  await checkpointer.save(state, progress, undefined);
  const second = checkpointer.save(state, progress, undefined);
  await new Promise(setImmediate);
  written();
  await second;
  written();
  await checkpointer.settle();
  expect(steps).toEqual(['copied', 'written', 'copied', 'written']);
});
