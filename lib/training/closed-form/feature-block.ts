/** A range of columns of a feature matrix that come from one map of the backbone and are scaled together. */
export interface FeatureBlock {
  readonly name: string;
  /** The first column. */
  readonly start: number;
  /** Number of columns. */
  readonly size: number;
}

/** Returns the blocks of concatenated maps. */
export function blocksOf(maps: readonly { readonly name: string; readonly size: number }[]): FeatureBlock[] {
  let end = 0;
  return maps.map(({ name, size }) => {
    const start = end;
    end += size;
    return { name, start, size };
  });
}
