import { product } from '../arithmetic.ts';
import { averageMaps } from '../training/average-maps.ts';
import { type Matrix, multiply } from '../training/closed-form/matrix-products.ts';
import { everyRow } from '../training/examples.ts';
import type { FeatureSet } from './feature-set.ts';

/** The most rows to compare at once: a block's similarities take 4 MiB. */
const BLOCK = 1024;
/** The most bytes of a block's features: those of flattened maps take up to 3.7 MB for each row. */
const BLOCK_BYTES = 2 ** 26;
/** Blocks of rows that are compared with a block of references once it is read: reading it takes long if it is in a file. */
const BLOCKS_AT_ONCE = 4;

/**
 * Compares every row with the references by the cosine of their features, after subtracting the mean of all rows. Maps
 * are averaged over height and width. Only blocks of rows and of similarities are in memory.
 * @param visit gets a row, another row among the references, and their similarity, -1..1
 * @throws the signal's reason if aborted
 */
export async function compareRows(
  features: FeatureSet,
  references: readonly number[],
  visit: (row: number, reference: number, similarity: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const size = features.shape.at(-1) ?? 1;
  const all = everyRow(features);
  const mean = await meanOf(features, all, size);
  const blocks = blocksOf(all, features);
  for (let first = 0; first < blocks.length; first += BLOCKS_AT_ONCE) {
    const queries: Query[] = [];
    for (const rows of blocks.slice(first, first + BLOCKS_AT_ONCE))
      queries.push({ rows, vectors: { values: await directions(features, rows, mean), rows: rows.length } });
    for (const others of blocksOf(references, features)) {
      signal?.throwIfAborted();
      const against = { values: await directions(features, others, mean), rows: others.length };
      for (const query of queries) await compareBlocks(query, others, against, visit);
    }
  }
}

/** A block of rows with their unit vectors, [rows, size]. */
interface Query {
  readonly rows: readonly number[];
  readonly vectors: Matrix;
}

async function compareBlocks(
  { rows, vectors }: Query,
  others: readonly number[],
  against: Matrix,
  visit: (row: number, reference: number, similarity: number) => void,
): Promise<void> {
  const values = await multiply(vectors, against, 'second');
  for (let i = 0, at = 0; i < rows.length; i++) {
    const row = rows[i] ?? -1;
    for (let j = 0; j < others.length; j++, at++) {
      const other = others[j] ?? -1;
      if (other !== row) visit(row, other, values[at] ?? 0);
    }
  }
}

function blocksOf(rows: readonly number[], { shape }: FeatureSet): number[][] {
  const bytesOfRow = product(shape) * Float32Array.BYTES_PER_ELEMENT;
  const some = Math.min(BLOCK, Math.max(1, Math.floor(BLOCK_BYTES / bytesOfRow)));
  return Array.from({ length: Math.ceil(rows.length / some) }, (_, block) => rows.slice(block * some, (block + 1) * some));
}

async function meanOf(features: FeatureSet, all: readonly number[], size: number): Promise<Float64Array> {
  const mean = new Float64Array(size);
  for (const rows of blocksOf(all, features)) {
    const vectors = await vectorsOf(features, rows, size);
    for (let at = 0; at < vectors.length; at++) mean[at % size] = (mean[at % size] ?? 0) + (vectors[at] ?? 0) / all.length;
  }
  return mean;
}

/** Unit vectors, [rows, size]; zeros for a row that equals the mean. */
async function directions(features: FeatureSet, rows: readonly number[], mean: Float64Array): Promise<Float32Array> {
  const size = mean.length;
  const vectors = await vectorsOf(features, rows, size);
  for (let start = 0; start < vectors.length; start += size) {
    let squares = 0;
    for (let i = 0; i < size; i++) {
      const value = (vectors[start + i] ?? 0) - (mean[i] ?? 0);
      vectors[start + i] = value;
      squares += value * value;
    }
    const length = Math.sqrt(squares) || 1;
    for (let i = 0; i < size; i++) vectors[start + i] = (vectors[start + i] ?? 0) / length;
  }
  return vectors;
}

/** [rows, size] */
async function vectorsOf({ shape, gather }: FeatureSet, rows: readonly number[], size: number): Promise<Float32Array> {
  const gathered = await gather(rows);
  const positions = product(shape.slice(0, -1));
  return positions === 1 ? gathered : averageMaps(gathered, positions, size);
}
