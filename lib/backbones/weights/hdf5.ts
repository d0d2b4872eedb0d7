import { Worker } from 'node:worker_threads';
import { DataError, type GraftError } from '../../errors.ts';

/** The parts of an HDF5 file that Keras's layouts need. */
export interface Hdf5Tree {
  readonly groups: Hdf5Group[];
  readonly datasets: Hdf5Dataset[];
}

/** A group of an HDF5 file. */
export interface Hdf5Group {
  /** Absolute, with `/` before each name. Empty for the root. */
  readonly path: string;
  /** Attributes that are strings or lists of strings. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** A dataset of an HDF5 file. */
export interface Hdf5Dataset {
  readonly path: string;
  /** Position of the object in the file, or 0 if not needed. */
  readonly address: number;
  readonly shape: readonly number[];
  /** `float32`, `int64`, `bfloat16` and so on; `no number` for all other types. */
  readonly dtype: string;
  /** The filter that makes it unreadable: `32000 (lzf)`. */
  readonly filter?: string;
  /** Its numbers, little-endian, in C order. Absent if they cannot be read. */
  readonly bytes?: ArrayBuffer;
}

/** Limits on the resources that reading a file may use. */
export interface Hdf5Limits {
  /** Maximum memory of libhdf5, including the values of one dataset. */
  readonly memoryBytes: number;
  /** Maximum size of the values of all datasets, widened to float32. */
  readonly valueBytes: number;
  readonly objects: number;
  /** Maximum number of characters in the paths and strings of all objects. */
  readonly letters: number;
  readonly depth: number;
  readonly milliseconds: number;
}

/** Options of `readHdf5`. */
export interface Hdf5Options {
  /** Whether to transfer the bytes to the thread, so that the caller can no longer use them. Default: copy them. */
  readonly handOver?: boolean;
  readonly limits?: Hdf5Limits;
}

/** The request to the reading thread. */
export interface Hdf5Request {
  /** A path, or all bytes. */
  readonly source: string | Uint8Array;
  /** Size of the file in bytes. */
  readonly size: number;
  readonly limits: Hdf5Limits;
}

/** The reply of the reading thread. */
export type Hdf5Reply =
  | { readonly kind: 'tree'; readonly tree: Hdf5Tree }
  | { readonly kind: 'damaged'; readonly detail: string };

const MEGABYTE = 2 ** 20;

/** Limits of the reading thread's JavaScript heap, in megabytes, for h5wasm's code and the names in a file. */
const HEAP_LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/**
 * Reads the attributes and datasets of an HDF5 file, in libhdf5's order, without those of an optimizer. Runs in a
 * thread that ends with the call.
 * @param source a path, or the file's bytes
 * @param size of the file, in bytes
 * @throws DataError WEIGHTS_UNREADABLE, with libhdf5's message
 */
export async function readHdf5(source: string | Uint8Array, size: number, options: Hdf5Options = {}): Promise<Hdf5Tree> {
  const { handOver = false, limits = limitsFor(size) } = options;
  const reply = await ask({ source: typeof source === 'string' || handOver ? source : new Uint8Array(source), size, limits });
  if (reply.kind === 'tree') return reply.tree;
  throw unreadable(reply.detail);
}

/**
 * Returns the limits for a file of `size` bytes. Float16, the narrowest type of real weights, doubles when widened,
 * and weights hardly compress. A file that needs much more than its own size is malicious.
 */
export function limitsFor(size: number): Hdf5Limits {
  return {
    memoryBytes: 24 * MEGABYTE + 2 * size,
    valueBytes: MEGABYTE + 2 * size,
    objects: 50_000,
    letters: 4_000_000,
    depth: 32,
    // Reading takes milliseconds on an idle machine, but on a busy one a thread may have to wait this long.
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
    // Hide libhdf5's output: the reply contains the error.
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
