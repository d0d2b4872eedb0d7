/**
 * Groups of related images among those of an evaluation: one group of the manifest, or the same picture. The frames of a
 * video say less about a model than as many images of different things.
 */
import { mean, sumOf } from '../../arithmetic.ts';

/**
 * [images]: a number for each image, which is the same for related ones. Undefined if no images are related: then all
 * results are those of unrelated images.
 */
export type ImageGroups = readonly number[] | undefined;

/** Fewer groups do not show how alike the images of a group are, nor how far apart the groups. */
export const FEWEST_GROUPS = 5;

/** Numbers groups by an image of each. @param related the images of each group of two or more */
export function numberGroups(count: number, related: readonly (readonly number[])[]): ImageGroups {
  if (related.length === 0) return undefined;
  const groups = Array.from({ length: count }, (_, image) => image);
  for (const images of related) for (const image of images) groups[image] = images[0] ?? image;
  return groups;
}

/** The groups of some of the images, in their order. */
export function groupsAmong(groups: ImageGroups, images: readonly number[]): ImageGroups {
  const own = groups && images.map((image) => groups[image] ?? -1);
  return own !== undefined && countImageGroups(own) < own.length ? own : undefined;
}

export function countImageGroups(groups: NonNullable<ImageGroups>): number {
  return new Set(groups).size;
}

/** The images of each group. */
export function imagesByGroup(groups: NonNullable<ImageGroups>): number[][] {
  const images = new Map<number, number[]>();
  for (const [image, group] of groups.entries()) {
    const own = images.get(group);
    if (own === undefined) images.set(group, [image]);
    else own.push(image);
  }
  return [...images.values()];
}

/**
 * The number of unrelated images that would say as much about the mean of these values: their number over the design
 * effect, by the cluster-robust variance of the mean (Rao & Scott, A simple method for the analysis of clustered binary
 * data, Biometrics 48, 1992). If few groups have other values than the rest, nothing shows how alike the values of a group
 * are, and they count as if they were equal (Kish, Survey Sampling, 1965): as many as there are groups, if these are of
 * one size.
 * @param values [images], at least one: few different ones, such as 0 and 1
 * @returns at least 1, at most the number of images
 */
export function effectiveCount(values: readonly number[], groups: NonNullable<ImageGroups>): number {
  const count = values.length;
  const members = imagesByGroup(groups);
  const different = [...new Set(values)].map(
    (value) => members.filter((images) => images.some((image) => values[image] !== value)).length,
  );
  if (Math.min(...different) < FEWEST_GROUPS) return count ** 2 / sumOf(members, (images) => images.length ** 2);
  const centre = mean(values);
  const residual = (image: number): number => (values[image] ?? 0) - centre;
  const within = sumOf(values.keys(), (image) => residual(image) ** 2);
  const between = (members.length / (members.length - 1)) * sumOf(members, (images) => sumOf(images, residual) ** 2);
  return Math.max(1, count * Math.min(1, within / between));
}
