/** A thread of `openUpdateThreads`: updates its share of all variables at each step, until it is told to end. */
import { workerData } from 'node:worker_threads';
import { updateOfShare } from './update-share.ts';
import { CELLS, ENDED, READY, type UpdateWorkerData } from './update-threads.ts';

const { spec, variables, share, cells, step } = workerData as UpdateWorkerData;
const update = updateOfShare(spec, variables, share);

let last = READY;
Atomics.store(cells, CELLS.done, READY);
Atomics.notify(cells, CELLS.done);
for (;;) {
  Atomics.wait(cells, CELLS.asked, last);
  last = Atomics.load(cells, CELLS.asked);
  if (last === ENDED) break;
  const [iteration = 0] = step;
  update(step.subarray(1), iteration);
  Atomics.store(cells, CELLS.done, last);
  Atomics.notify(cells, CELLS.done);
}
