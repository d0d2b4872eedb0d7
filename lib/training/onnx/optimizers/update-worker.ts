/** A thread of `openUpdateThreads`: updates its share of all variables at each step, until `asked` is ENDED. */
import { workerData } from 'node:worker_threads';
import { updateOfShare } from './update-share.ts';
import { CELLS, ENDED, READY, type UpdateWorkerData } from './update-threads.ts';

const { spec, variables, share, cells, step } = workerData as UpdateWorkerData;

function report(done: number): void {
  Atomics.store(cells, CELLS.done, done);
  Atomics.notify(cells, CELLS.done);
}

try {
  const update = updateOfShare(spec, variables, share);
  report(READY);
  for (let asked = READY; ; report(asked)) {
    Atomics.wait(cells, CELLS.asked, asked);
    asked = Atomics.load(cells, CELLS.asked);
    if (asked === ENDED) break;
    update(step.subarray(1), step[0] ?? 0);
  }
} catch (error) {
  report(ENDED);
  throw error;
}
