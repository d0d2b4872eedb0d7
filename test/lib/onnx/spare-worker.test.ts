import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { prepareWorker, takeWorker } from '../../../lib/onnx/spare-worker.ts';

const taken: ReturnType<typeof takeWorker>[] = [];
const take = (file?: URL) => {
  const worker = takeWorker(file);
  taken.push(worker);
  return worker;
};

afterEach(async () => {
  await Promise.all(taken.splice(0).map((worker) => worker.terminate()));
});

test('one thread is prepared, for the next session that does not bring a file of its own', async () => {
  prepareWorker();
  prepareWorker();
  // Threads are numbered in the order of their start.
  const other = take(new URL('./dying-worker.ts', import.meta.url));
  const [first, second] = [take(), take()];
  expect(first.threadId).toBeLessThan(other.threadId);
  expect(second.threadId).toBeGreaterThan(other.threadId);
  await Promise.all([other, first, second].map((worker) => once(worker, 'online')));
});
