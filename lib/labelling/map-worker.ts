/** Worker thread of `mapSpace`: runs UMAP on a graph of neighbours, and reports its progress. */
import { parentPort, workerData } from 'node:worker_threads';
import { UMAP } from 'umap-js';
import { randomStream } from '../random.ts';
import type { MapMessage, NeighbourGraph } from './map-space.ts';

const EPOCHS = 250;
/** Epochs between reports. */
const REPORTED = 10;

const { count, width, rows, distances }: NeighbourGraph = workerData;
const send = (message: MapMessage) => parentPort?.postMessage(message);
const random = randomStream(0, 'umap', count);
const umap = new UMAP({ nNeighbors: width, nEpochs: EPOCHS, minDist: 0.1, random: () => random.next() });
const indexes = Array.from({ length: count }, (_, index) => index);
const neighboursOf = (values: Int32Array | Float32Array) =>
  indexes.map((index) => [...values.subarray(index * width, (index + 1) * width)]);

umap.setPrecomputedKNN(neighboursOf(rows), neighboursOf(distances));
// The vectors themselves are not used: all neighbours are known.
const epochs = umap.initializeFit(indexes.map((index) => [index]));
for (let epoch = 1; epoch <= epochs; epoch++) {
  umap.step();
  if (epoch % REPORTED === 0) send({ share: epoch / epochs });
}
const embedding = umap.getEmbedding();
send({ coordinates: Float32Array.from({ length: 2 * count }, (_, i) => embedding[i >> 1]?.[i % 2] ?? 0) });
