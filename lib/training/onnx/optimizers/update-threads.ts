import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { OptimizerSpec } from '../../../contracts/training-spec.ts';
import { RuntimeError } from '../../../errors.ts';
import { startThread, threadFile } from '../../../threads.ts';
import { type Share, type UpdateShare, updateOfShare, type VariableArrays } from './update-share.ts';

/** Weights from which more threads are worth their start: one thread takes some 5 ms to update so many. */
const MANY = 1e6;
/** More threads would wait for the memory. */
const MOST_THREADS = 4;
/** In ms: far longer than a share takes, and shorter than a lease, which this thread cannot renew while it waits. */
const LONGEST_WAIT = 10_000;

/** The places of two numbers that the thread of this module and a worker share: numbers of steps, or a state below. */
export const CELLS = { asked: 0, done: 1 } as const;
/** No step has been asked for, or done. */
export const READY = 0;
/** In `done`: the worker has not started yet. */
const STARTING = -1;
/** In `done`: the worker has ended, or failed. In `asked`: it has to end. */
export const ENDED = -2;

/** What a worker gets when it starts. All arrays are shared. */
export interface UpdateWorkerData {
  readonly spec: OptimizerSpec;
  readonly variables: readonly VariableArrays[];
  readonly share: Share;
  readonly cells: Int32Array;
  /** float64 [1 + variables]: the iteration, then the learning rate of each variable. */
  readonly step: Float64Array;
}

/** Threads that update variables together. */
export interface UpdateThreads {
  /**
   * Updates all variables. Blocks until every thread has done its share.
   * @throws RuntimeError UPDATE_THREAD_LOST: the variables are undefined then
   */
  readonly step: UpdateShare;
  /** Number of workers that have started and take a share of a step. */
  readonly started: number;
  close(): void;
}

/** The number of threads that update so many weights. */
export function updateThreadCount(weights: number, cores = availableParallelism()): number {
  return weights < MANY ? 1 : Math.min(cores, MOST_THREADS);
}

export interface UpdateThreadsOptions {
  /** As `updateThreadCount` counts them. */
  readonly count: number;
  /** The longest time to wait for a share, in ms. */
  readonly longestWait?: number;
  /** Starts the thread of a worker. */
  readonly start?: (data: UpdateWorkerData) => Worker;
  /** Called if a worker cannot start, or fails. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Opens the threads that update some variables: this one, and workers, each of which takes a share as soon as it has
 * started. The number of threads changes no bits, because each weight is updated by itself.
 * @param variables with more than one thread, their arrays are shared
 * @throws TypeError if they are not
 */
export function openUpdateThreads(
  spec: OptimizerSpec,
  variables: readonly VariableArrays[],
  { count, longestWait = LONGEST_WAIT, start = startWorker, onFailure = () => {} }: UpdateThreadsOptions,
): UpdateThreads {
  if (count > 1) for (const arrays of variables) requireShared(arrays);
  const updates = Array.from({ length: count }, (_, index) => updateOfShare(spec, variables, { index, count }));
  const step = new Float64Array(new SharedArrayBuffer((1 + variables.length) * Float64Array.BYTES_PER_ELEMENT));
  const workers = updates.slice(1).map((_, i) => {
    const data = { spec, variables, share: { index: i + 1, count }, step };
    return new UpdateWorker(data, { longestWait, start, onFailure });
  });
  return {
    step(rates, iteration) {
      step[0] = iteration;
      step.set(rates, 1);
      const taken = workers.map((worker) => worker.ask());
      for (const [index, update] of updates.entries()) if (index === 0 || !taken[index - 1]) update(rates, iteration);
      try {
        for (const [i, worker] of workers.entries()) if (taken[i]) worker.wait();
      } catch (error) {
        for (const worker of workers) worker.terminate();
        throw error;
      }
    },
    get started() {
      return workers.filter((worker) => worker.isReady).length;
    },
    close() {
      for (const worker of workers) worker.close();
    },
  };
}

/** Threads would get copies of arrays that are not shared, and their updates would be lost. */
function requireShared({ values, gradient, slots }: VariableArrays): void {
  const isShared = [values, gradient, ...Object.values(slots)].every(({ buffer }) => buffer instanceof SharedArrayBuffer);
  if (!isShared) throw new TypeError('several threads update an array that is not shared');
}

/** A worker that updates one share. */
class UpdateWorker {
  readonly #cells = new Int32Array(new SharedArrayBuffer(Object.keys(CELLS).length * Int32Array.BYTES_PER_ELEMENT));
  readonly #longestWait: number;
  readonly #thread: Worker | undefined;
  #steps = READY;

  constructor(
    data: Omit<UpdateWorkerData, 'cells'>,
    { longestWait, start, onFailure }: Required<Omit<UpdateThreadsOptions, 'count'>>,
  ) {
    this.#longestWait = longestWait;
    this.#cells[CELLS.done] = STARTING;
    try {
      this.#thread = start({ ...data, cells: this.#cells });
      this.#thread.on('error', onFailure).on('exit', () => Atomics.store(this.#cells, CELLS.done, ENDED));
    } catch (error) {
      // It takes no share.
      onFailure(error);
    }
  }

  /** Whether it has started, and has not failed. */
  get isReady(): boolean {
    return Atomics.load(this.#cells, CELLS.done) >= READY;
  }

  /** Asks for a step. @returns false if it is not ready */
  ask(): boolean {
    if (!this.isReady) return false;
    this.#steps += 1;
    this.#write(this.#steps);
    return true;
  }

  /** Blocks until the step is done. @throws RuntimeError UPDATE_THREAD_LOST */
  wait(): void {
    Atomics.wait(this.#cells, CELLS.done, this.#steps - 1, this.#longestWait);
    const done = Atomics.load(this.#cells, CELLS.done);
    if (done === this.#steps) return;
    throw new RuntimeError('UPDATE_THREAD_LOST', {
      expected: 'a thread that updates its share of the weights',
      received: done === ENDED ? 'one that failed' : `no result in ${this.#longestWait / 1000} s`,
      fix: 'check the memory of this machine: the next attempt continues from the checkpoint',
      retryable: true,
    });
  }

  close(): void {
    this.#write(ENDED);
  }

  terminate(): void {
    this.#thread?.terminate().catch(() => {});
  }

  #write(value: number): void {
    Atomics.store(this.#cells, CELLS.asked, value);
    Atomics.notify(this.#cells, CELLS.asked);
  }
}

function startWorker(workerData: UpdateWorkerData): Worker {
  const thread = startThread(threadFile('update-worker', import.meta.url), { workerData });
  thread.unref();
  return thread;
}
