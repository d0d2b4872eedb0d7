import { CELL, type DecidedCells } from './decided-cells.ts';
import { effectiveCount, groupsAmong, type ImageGroups } from './image-groups.ts';

/** Numbers of unrelated images that say as much about a class as its images do; undefined if none of these are related. */
export interface EffectiveCounts {
  /** Of the images with the prediction, about its precision. */
  readonly predicted: number | undefined;
  /** Of the images of the class, about its recall. */
  readonly present: number | undefined;
}

/** An image, and whether the decision on a class of it is right: 1 or 0. */
type Decided = readonly [image: number, right: number];

/** Counts the images of each class. @returns [classes]; empty if no images are related */
export function effectiveCounts(
  { count, classes, starts, classOf, kindOf }: DecidedCells,
  groups: ImageGroups,
): EffectiveCounts[] {
  if (groups === undefined) return [];
  const decided = Array.from({ length: classes }, () => ({ predicted: [] as Decided[], present: [] as Decided[] }));
  for (let image = 0; image < count; image++)
    for (let cell = starts[image] ?? 0; cell < (starts[image + 1] ?? 0); cell++) {
      const [own, kind] = [decided[classOf[cell] ?? 0], kindOf[cell]];
      const one: Decided = [image, Number(kind === CELL.truePositive)];
      if (kind !== CELL.falseNegative) own?.predicted.push(one);
      if (kind !== CELL.falsePositive) own?.present.push(one);
    }
  const countOf = (some: readonly Decided[]): number | undefined => {
    const related = groupsAmong(
      groups,
      some.map(([image]) => image),
    );
    return (
      related &&
      effectiveCount(
        some.map(([, right]) => right),
        related,
      )
    );
  };
  return decided.map(({ predicted, present }) => ({ predicted: countOf(predicted), present: countOf(present) }));
}
