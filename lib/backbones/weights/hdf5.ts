import { Worker } from 'node:worker_threads';
import { DataError, type GraftError } from '../../errors.ts';

/** What Keras's layouts need to know of an HDF5 file. */
export interface Hdf5Tree {
  readonly groups: Hdf5Group[];
  readonly datasets: Hdf5Dataset[];
}

export interface Hdf5Group {
  /** Absolute, with `/` before each name; empty for the root. */
  readonly path: string;
  /** The attributes that are lists of texts, or one. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface Hdf5Dataset {
  readonly path: string;
  /** Where the object begins in the file; 0 where nobody asks. */
  readonly address: number;
  readonly shape: readonly number[];
  /** `float32`, `int64`, `bfloat16` and so on; `no number` for all else. */
  readonly dtype: string;
  /** The filter that makes it unreadable: `32000 (lzf)`. */
  readonly filter?: string;
  /** Its numbers, little-endian, in C order; absent where they cannot be read. */
  readonly bytes?: ArrayBuffer;
}

export interface Hdf5Limits {
  /** The most that libhdf5 may take for itself and for the values of one data set. */
  readonly memoryBytes: number;
  /** The most that the values of all data sets may have, widened to float32. */
  readonly valueBytes: number;
  readonly objects: number;
  /** The most that paths and texts of all objects may have. */
  readonly letters: number;
  readonly depth: number;
  readonly milliseconds: number;
}

export interface Hdf5Options {
  /** The thread takes the bytes, and the caller has them no more; otherwise it gets a copy. */
  readonly handOver?: boolean;
  readonly limits?: Hdf5Limits;
}

export interface Hdf5Request {
  /** A path or all bytes. */
  readonly source: string | Uint8Array;
  /** Of the file, in bytes. */
  readonly size: number;
  readonly limits: Hdf5Limits;
}

export type Hdf5Reply =
  | { readonly kind: 'tree'; readonly tree: Hdf5Tree }
  | { readonly kind: 'damaged'; readonly detail: string };

const MEGABYTE = 2 ** 20;

/** JavaScript's own part of the reading thread, in megabytes: h5wasm's code and the names in a file. */
const HEAP_LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/**
 * The attributes and data sets of an HDF5 file, in the order in which libhdf5 lists them, without what belongs to an optimizer.
 * Runs in a thread of its own, which ends with the call.
 * @param source a path, or the file's bytes
 * @param size of the file, in bytes
 * @throws DataError WEIGHTS_UNREADABLE, with libhdf5's own words
 */
export async function readHdf5(source: string | Uint8Array, size: number, options: Hdf5Options = {}): Promise<Hdf5Tree> {
  const { handOver = false, limits = limitsFor(size) } = options;
  const reply = await ask({ source: typeof source === 'string' || handOver ? source : new Uint8Array(source), size, limits });
  if (reply.kind === 'tree') return reply.tree;
  throw unreadable(reply.detail);
}

/**
 * Float16, the narrowest of which real weights are, grows twofold, and weights hardly compress. A file that asks for much more
 * than its own size is made to do harm.
 */
export function limitsFor(size: number): Hdf5Limits {
  return {
    memoryBytes: 24 * MEGABYTE + 2 * size,
    valueBytes: MEGABYTE + 2 * size,
    objects: 50_000,
    letters: 4_000_000,
    depth: 32,
    // Milliseconds on a quiet machine; on a crowded one a thread may wait for its turn that long.
    milliseconds: Math.round(60_000 + (size / MEGABYTE) * 1000),
  };
}

function ask(request: Hdf5Request): Promise<Hdf5Reply> {
  const { source, limits } = request;
  const answer = Promise.withResolvers<Hdf5Reply>();
  const worker = new Worker(new URL('./hdf5-worker.mjs', import.meta.url), {
    workerData: request,
    transferList: typeof source !== 'string' && source.buffer instanceof ArrayBuffer ? [source.buffer] : [],
    resourceLimits: HEAP_LIMITS,
    // What libhdf5 prints is not for the user: the reply says it.
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  const timer = setTimeout(() => answer.reject(unreadable(`no end after ${limits.milliseconds} ms`)), limits.milliseconds);
  worker.once('message', answer.resolve);
  worker.once('error', (cause) => answer.reject(unreadable(cause.message, cause)));
  worker.once('exit', () => answer.reject(unreadable('a reading thread that ended')));
  return answer.promise.finally(() => {
    clearTimeout(timer);
    return worker.terminate();
  });
}

function unreadable(received: string, cause?: unknown): GraftError {
  return new DataError('WEIGHTS_UNREADABLE', {
    at: 'HDF5 file',
    expected: 'a complete HDF5 file',
    received,
    cause,
    fix: 'download the file again, or save the weights again',
  });
}
