import { at32 } from '../arithmetic.ts';
import { multiply } from '../training/closed-form/matrix-products.ts';
import { gatherRows } from '../training/examples.ts';
import { nearestList } from '../training/nearest-list.ts';
import { type RowVectors, unitVectors } from './unit-vectors.ts';

/** Rows to compare at once. */
const BLOCK = 256;

/** The nearest rows of each row, the nearest first. */
export interface NearestRows {
  /** Neighbours of each row: as many as were asked for, or all others. */
  readonly width: number;
  /** int32 [rows, width]: rows of the space. */
  readonly rows: Int32Array;
  /** float32 [rows, width]: cosine similarities, -1..1. */
  readonly similarities: Float32Array;
}

/**
 * Finds the nearest of some rows by the cosine of their vectors. A row is not its own neighbour.
 * @param rows, among rows of the space
 * @param most neighbours of each row
 */
export async function nearestRows(
  vectors: RowVectors,
  {
    rows,
    among,
    most,
    yieldToEventLoop,
  }: {
    readonly rows: readonly number[];
    readonly among: readonly number[];
    readonly most: number;
    readonly yieldToEventLoop: () => Promise<void>;
  },
): Promise<NearestRows> {
  const own = new Set(among);
  const k = Math.max(0, Math.min(most, rows.some((row) => own.has(row)) ? among.length - 1 : among.length));
  const nearest = nearestList(rows.length, k);
  const found: NearestRows = { width: k, rows: nearest.others, similarities: nearest.similarities };
  if (k === 0) return found;
  const { width } = vectors;
  const directions = unitVectors(vectors);
  const references = { values: gatherRows(directions, width, among), rows: among.length };
  for (let start = 0; start < rows.length; start += BLOCK) {
    const some = rows.slice(start, start + BLOCK);
    const similar = await multiply({ values: gatherRows(directions, width, some), rows: some.length }, references, 'second');
    for (const [i, row] of some.entries())
      for (const [j, other] of among.entries())
        if (other !== row) nearest.offer(start + i, other, at32(similar, i * among.length + j));
    await yieldToEventLoop();
  }
  return found;
}
