import type { Worker } from 'node:worker_threads';
import type { OnnxRun, OnnxSession, PlacementOptions, RunOptions, SessionOptions } from './onnx-session.ts';
import { checkInput, modelUnreadable, runFailed, sessionClosed, workerExited } from './session-errors.ts';
import { takeWorker } from './spare-worker.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** Options of `openWorkerSession`. */
export interface WorkerSessionOptions extends SessionOptions, PlacementOptions {
  /** The worker's file, if it is not next to this module (for example in a bundle). */
  readonly worker?: URL;
}

/**
 * Opens a model in a worker thread, so that this thread stays free while the model computes. Inputs are copied to the
 * worker unless the caller gives them away; results are transferred without a copy. An idle session does not keep the
 * process alive.
 * @param source the model's bytes, or the path of its file (which saves a copy)
 * @throws DataError ONNX_UNREADABLE; RuntimeError ONNX_WORKER_EXITED
 */
export async function openWorkerSession(source: Uint8Array | string, options: WorkerSessionOptions = {}): Promise<OnnxSession> {
  const { worker: file, onPlacement, ...settings } = options;
  const channel = new WorkerChannel(takeWorker(file), onPlacement);
  channel.open(source, settings);
  const { inputs, outputs } = await channel.opened;
  return {
    inputs,
    outputs,
    async run(input, dims, further = [], options = {}) {
      if (!channel.lost) checkInput(inputs[0], input, dims);
      return channel.run(input, dims, further, options);
    },
    close: () => channel.close(),
  };
}

type Ready = Extract<FromWorker, { kind: 'ready' }>;

/** Sends requests to one worker and resolves the promises of their responses. */
class WorkerChannel {
  readonly opened: Promise<Ready>;
  readonly #worker: Worker;
  readonly #onPlacement: PlacementOptions['onPlacement'];
  readonly #opening = Promise.withResolvers<Ready>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #pending = new Map<number, PromiseWithResolvers<OnnxRun>>();
  #asked = 0;
  #closed = false;
  #cause: unknown;
  #lost = false;

  constructor(worker: Worker, onPlacement: PlacementOptions['onPlacement']) {
    this.#onPlacement = onPlacement;
    this.opened = this.#opening.promise;
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#onMessage(message));
    worker.on('error', (cause) => {
      this.#cause = cause;
    });
    worker.on('exit', () => this.#end());
  }

  open(source: Uint8Array | string, options: SessionOptions): void {
    // Copy only the model's own bytes: a view may belong to a far larger buffer, all of which the worker would get.
    const own = typeof source === 'string' ? source : new Uint8Array(source);
    this.#post({ kind: 'open', source: own, options }, typeof own === 'string' ? [] : [own.buffer]);
  }

  get lost(): boolean {
    return this.#lost;
  }

  async run(
    input: Float32Array,
    dims: readonly number[],
    further: readonly string[],
    { transfer = false }: RunOptions,
  ): Promise<OnnxRun> {
    if (this.#closed) throw sessionClosed();
    if (this.#lost) throw workerExited(this.#cause);
    const answer = Promise.withResolvers<OnnxRun>();
    const id = this.#asked++;
    this.#pending.set(id, answer);
    this.#worker.ref();
    const own = exact(input);
    this.#post({ kind: 'run', id, input: own, dims, further }, transfer && own.buffer instanceof ArrayBuffer ? [own.buffer] : []);
    return answer.promise;
  }

  close(): Promise<void> {
    if (!this.#closed && !this.#lost) {
      this.#worker.ref();
      this.#post({ kind: 'close' });
    }
    this.#closed = true;
    return this.#ended.promise;
  }

  #post(message: ToWorker, transferred: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transferred);
  }

  #onMessage(message: FromWorker): void {
    if (message.kind === 'ready') {
      this.#worker.unref();
      this.#opening.resolve(message);
    } else if (message.kind === 'placed') {
      this.#onPlacement?.(message.placement);
    } else if (message.kind === 'unreadable') {
      this.#opening.reject(modelUnreadable(message.message));
    } else {
      this.#settle(message);
    }
  }

  #settle(message: Exclude<FromWorker, { kind: 'ready' | 'placed' | 'unreadable' }>): void {
    const answer = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (this.#pending.size === 0 && !this.#closed) this.#worker.unref();
    if (message.kind === 'failed') answer?.reject(runFailed(message.message));
    else answer?.resolve(message.result);
  }

  #end(): void {
    this.#lost = true;
    this.#opening.reject(workerExited(this.#cause));
    for (const answer of this.#pending.values()) answer.reject(workerExited(this.#cause));
    this.#pending.clear();
    this.#ended.resolve();
  }
}

/** Returns the input as an array of its own, so that only its elements are copied to the worker. */
function exact(input: Float32Array): Float32Array {
  return input.byteLength === input.buffer.byteLength ? input : input.slice();
}
