import { type Difference, pairedDifference } from '../training/paired-difference.ts';

/** Losses of images that a network had not seen, by the number of each image's row in the data set. */
export type ImageLosses = ReadonlyMap<number, number>;

/** How much lower the first losses are, on the images that both have. */
export function compareLosses(losses: ImageLosses, reference: ImageLosses): Difference {
  const common = [...losses.keys()].filter((row) => reference.has(row));
  const of = (all: ImageLosses): number[] => common.map((row) => all.get(row) ?? 0);
  return pairedDifference(of(losses), of(reference));
}
