import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { OptimizerSpec } from '../../../contracts/training-spec.ts';
import { RuntimeError } from '../../../errors.ts';
import { type Share, type UpdateShare, updateOfShare, type VariableArrays } from './update-share.ts';

/** Weights from which more threads are worth their start: one thread takes some 5 ms to update so many. */
const MANY = 1e6;
/** More threads would wait for the memory. */
const MOST_THREADS = 4;
/** The longest time that a share may take, in ms: far more than any needs. */
const PATIENCE = 60_000;

/** The places of two numbers that the thread of this module and a worker share. */
export const CELLS = { asked: 0, done: 1 } as const;
/** In `done`: the worker has not started yet. */
const STARTING = -1;
/** In both: no step has been asked for. */
export const READY = 0;
/** In `asked`: the worker has to end. */
export const ENDED = -1;

/** What a worker gets when it starts. All arrays are shared. */
export interface UpdateWorkerData {
  readonly spec: OptimizerSpec;
  readonly variables: readonly VariableArrays[];
  readonly share: Share;
  readonly cells: Int32Array;
  /** float64 [1 + variables]: the iteration, then the learning rate of each variable. */
  readonly step: Float64Array;
}

/** Updates variables in all threads. */
export interface UpdateThreads {
  /** Updates all variables. Blocks until every thread has done its share. @throws RuntimeError UPDATE_THREAD_LOST */
  readonly update: UpdateShare;
  close(): void;
}

/**
 * Opens the threads that update some variables: this one, and with many weights workers, each of which takes a share as
 * soon as it has started. The number of threads changes no bits, because each weight is updated by itself.
 */
export function openUpdateThreads(spec: OptimizerSpec, variables: readonly VariableArrays[]): UpdateThreads {
  const weights = variables.reduce((total, { values }) => total + values.length, 0);
  const count = weights < MANY ? 1 : Math.min(availableParallelism(), MOST_THREADS);
  const shares = Array.from({ length: count }, (_, index) => updateOfShare(spec, variables, { index, count }));
  const step = new Float64Array(new SharedArrayBuffer((1 + variables.length) * Float64Array.BYTES_PER_ELEMENT));
  const [first, ...others] = shares.map((update, index) => ({
    update,
    worker: index === 0 ? undefined : startWorker({ spec, variables, share: { index, count }, step }),
  }));
  return {
    update(rates, iteration) {
      step[0] = iteration;
      step.set(Array.from(rates), 1);
      const asked = others.filter(({ worker }) => worker?.ask() === true);
      first?.update(rates, iteration);
      for (const other of others) if (!asked.includes(other)) other.update(rates, iteration);
      for (const { worker } of asked) worker?.wait();
    },
    close() {
      for (const { worker } of others) worker?.close();
    },
  };
}

interface UpdateWorker {
  /** Asks for a step. @returns false if the worker has not started yet, or could not */
  ask(): boolean;
  /** Blocks until the step is done. @throws RuntimeError UPDATE_THREAD_LOST */
  wait(): void;
  close(): void;
}

function startWorker(data: Omit<UpdateWorkerData, 'cells'>): UpdateWorker {
  const cells = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  cells[CELLS.done] = STARTING;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  // Workers inherit the flags of the process but reject this one, since their code comes from a file.
  const execArgv = process.execArgv.filter((flag) => !flag.startsWith('--input-type'));
  const worker = new Worker(new URL(`./update-worker.${extension}`, import.meta.url), {
    workerData: { ...data, cells } satisfies UpdateWorkerData,
    execArgv,
  });
  worker.unref();
  // A worker that cannot start takes no share.
  worker.on('error', () => {});
  let asked = READY;
  const write = (value: number): void => {
    Atomics.store(cells, CELLS.asked, value);
    Atomics.notify(cells, CELLS.asked);
  };
  return {
    ask() {
      if (Atomics.load(cells, CELLS.done) === STARTING) return false;
      asked += 1;
      write(asked);
      return true;
    },
    wait() {
      const before = asked - 1;
      if (Atomics.wait(cells, CELLS.done, before, PATIENCE) !== 'timed-out') return;
      throw new RuntimeError('UPDATE_THREAD_LOST', {
        expected: 'a thread that updates its share of the weights',
        received: `no answer in ${PATIENCE / 1000} s`,
        fix: 'check the memory of this machine: the next attempt continues from the checkpoint',
        retryable: true,
      });
    },
    close() {
      write(ENDED);
    },
  };
}
