import { clusters } from '../../datasets/duplicates/clusters.ts';
import { type ImageGroups, imagesByGroup } from '../statistics/image-groups.ts';

/** Joins the groups of two lists of the same images: each image is related to those of both its groups. */
export function joinGroups(first: ImageGroups, second: ImageGroups): ImageGroups {
  if (first === undefined || second === undefined) return first ?? second;
  const joined = clusters(first.length);
  for (const [image = 0, ...others] of [...imagesByGroup(first), ...imagesByGroup(second)])
    for (const other of others) joined.join(image, other);
  return first.map((_, image) => joined.first(image));
}
