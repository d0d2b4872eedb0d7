import type { Dataset } from '../datasets/versions/dataset-store.ts';

/**
 * SHA-256 of the images in these rows of a data set, [rows].
 * @throws RangeError if the data set lacks a row: without its image, all features after it would belong to other rows
 */
export function hashesOf(dataset: Pick<Dataset, 'rows'>, rows: readonly number[]): string[] {
  return rows.map((row) => {
    const image = dataset.rows.at(row);
    if (image === undefined) throw new RangeError(`The data set has no row ${row}.`);
    return image.sha256;
  });
}
