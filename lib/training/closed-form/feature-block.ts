import { sum } from '../../arithmetic.ts';
import type { Columns } from '../examples.ts';

/** A range of columns of a feature matrix that come from one map of the backbone and are scaled together. */
export interface FeatureBlock {
  readonly name: string;
  /** The first column. */
  readonly start: number;
  /** Number of columns. */
  readonly size: number;
  /** Whether the columns are means of quarters of a map; default: false. */
  readonly isGrid?: boolean | undefined;
}

/** Returns the blocks of concatenated maps. */
export function blocksOf(maps: readonly Omit<FeatureBlock, 'start'>[]): FeatureBlock[] {
  let end = 0;
  return maps.map((map) => {
    const start = end;
    end += map.size;
    return { ...map, start };
  });
}

/** Returns the range of columns of blocks that follow each other. */
export function columnsOfBlocks(blocks: readonly FeatureBlock[]): Columns {
  return { start: blocks[0]?.start ?? 0, size: sum(blocks.map(({ size }) => size)) };
}

/** Returns the blocks that describe whole maps. They follow each other. */
export function withoutGrids<Block extends Pick<FeatureBlock, 'isGrid'>>(blocks: readonly Block[]): Block[] {
  return blocks.filter(({ isGrid }) => !isGrid);
}
