import { at32 } from '../arithmetic.ts';
import { RuntimeError } from '../errors.ts';
import { moduleFile } from '../module-file.ts';
import { randomStream } from '../random.ts';
import { startThread } from '../threads.ts';
import type { FeatureSpace } from './feature-space.ts';
import { nearestRows } from './nearest-rows.ts';

/** Neighbours that an image is placed by. */
const NEIGHBOURS = 10;
/** Neighbours that an image outside the sample is placed between. */
const BETWEEN = 3;
/** Images whose positions are computed together; the time grows with their number, and the others are placed between them. */
const MOST_MAPPED = 4_000;
/** With fewer images there is nothing to arrange. */
const FEWEST_MAPPED = 4;

/** Two coordinates of each image of a space, 0..1: images that look alike are near each other. */
export interface SpaceMap {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** What the thread of the map gets, and what it returns: neighbours of each image, itself first, and coordinates. */
export interface NeighbourGraph {
  readonly count: number;
  readonly width: number;
  readonly rows: Int32Array;
  /** One minus the cosine similarity. */
  readonly distances: Float32Array;
}
export type MapMessage = { readonly share: number } | { readonly coordinates: Float32Array };

/**
 * Arranges the images of a space in two dimensions by UMAP (McInnes, Healy & Melville, arXiv:1802.03426), in a thread of
 * its own. The same space has the same map. TensorFlow must be started.
 * @param onProgress gets the share that is done, 0..1
 * @throws RuntimeError MAP_WORKER_EXITED; the signal's reason if aborted
 */
export async function mapSpace(
  space: FeatureSpace,
  {
    signal,
    onProgress,
    yieldToEventLoop,
  }: {
    readonly signal: AbortSignal;
    readonly onProgress: (share: number) => void;
    readonly yieldToEventLoop: () => Promise<void>;
  },
): Promise<SpaceMap> {
  const all = Array.from({ length: space.count }, (_, row) => row);
  if (all.length < FEWEST_MAPPED) return inOneLine(all.length);
  const drawn = all.length <= MOST_MAPPED ? all : randomStream(0, 'map').shuffle(all).slice(0, MOST_MAPPED);
  const sample = drawn.toSorted((a, b) => a - b);
  // With the image itself, fewer than there are images.
  const most = Math.min(NEIGHBOURS, sample.length - 2);
  const near = await nearestRows(space, { rows: sample, among: sample, most, yieldToEventLoop });
  const indexOf = new Map(sample.map((row, index) => [row, index]));
  const width = near.width + 1;
  const graph: NeighbourGraph = {
    count: sample.length,
    width,
    rows: new Int32Array(sample.length * width),
    distances: new Float32Array(sample.length * width),
  };
  for (const index of sample.keys()) {
    graph.rows[index * width] = index;
    for (let k = 0; k < near.width; k++) {
      graph.rows[index * width + 1 + k] = indexOf.get(near.rows[index * near.width + k] ?? 0) ?? 0;
      graph.distances[index * width + 1 + k] = Math.max(0, 1 - at32(near.similarities, index * near.width + k));
    }
  }
  const coordinates = await arrange(graph, signal, onProgress);
  const map = { x: new Float32Array(space.count), y: new Float32Array(space.count) };
  for (const [index, row] of sample.entries()) {
    map.x[row] = at32(coordinates, 2 * index);
    map.y[row] = at32(coordinates, 2 * index + 1);
  }
  const others = all.filter((row) => !indexOf.has(row));
  const between = await nearestRows(space, { rows: others, among: sample, most: BETWEEN, yieldToEventLoop });
  for (const [i, row] of others.entries()) interpolatePosition(map, row, between.rows.subarray(i * BETWEEN, (i + 1) * BETWEEN));
  return { x: toUnitRange(map.x), y: toUnitRange(map.y) };
}

/** Runs the thread until it has the coordinates, [count, 2]. */
async function arrange(graph: NeighbourGraph, signal: AbortSignal, onProgress: (share: number) => void): Promise<Float32Array> {
  signal.throwIfAborted();
  const worker = startThread(moduleFile('./map-worker', import.meta.url), { workerData: graph });
  worker.unref();
  const result = Promise.withResolvers<Float32Array>();
  const end = (cause?: unknown) => result.reject(workerExited(cause));
  worker.on('message', (message: MapMessage) => {
    if ('share' in message) onProgress(message.share);
    else result.resolve(message.coordinates);
  });
  worker.on('error', end).on('exit', () => end());
  const stop = () => result.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await result.promise;
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

function interpolatePosition({ x, y }: SpaceMap, row: number, neighbours: Int32Array): void {
  for (const coordinate of [x, y]) {
    let total = 0;
    for (const other of neighbours) total += at32(coordinate, other);
    coordinate[row] = total / neighbours.length;
  }
}

/** The range of a coordinate means nothing. */
function toUnitRange(values: Float32Array): Float32Array {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return values.map((value) => (most > least ? (value - least) / (most - least) : 0.5));
}

function inOneLine(count: number): SpaceMap {
  const x = Float32Array.from({ length: count }, (_, row) => (row + 1) / (count + 1));
  return { x, y: new Float32Array(count).fill(0.5) };
}

function workerExited(cause: unknown): RuntimeError {
  return new RuntimeError('MAP_WORKER_EXITED', {
    expected: 'the thread of the map to run until it is done',
    received: cause instanceof Error ? cause.message : 'its end',
    fix: 'ask for the map again, with more memory if the thread ran out of it',
    cause,
    retryable: true,
  });
}
