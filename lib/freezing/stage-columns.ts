import { sumOf } from '../arithmetic.ts';
import { backboneCost } from '../backbones/backbone-cost.ts';
import type { BackboneSpec } from '../contracts/job-spec.ts';

/** Most channels of a map whose quarters are used: those of wider maps would be most of the columns. */
export const MOST_GRID_CHANNELS = 1024;
/**
 * Pixels of the image, along each side, for one pixel of the largest map whose quarters are used. Quarters of larger maps,
 * of edges and textures, did not help on sign-digits and raised the test loss on two of three splits of trash.
 */
const GRID_STRIDE = 16;

/** Whether a map has quarters that are used. @param map and @param images [height, width] in pixels */
export function hasQuarters(map: readonly number[], images: readonly number[]): boolean {
  return map.every((side, axis) => side > 1 && side <= Math.ceil((images[axis] ?? 0) / GRID_STRIDE));
}

/** Numbers of columns of the vector of all stages. */
export interface StageColumns {
  /** Of whole maps. */
  readonly whole: number;
  /** Of quarters of maps. */
  readonly quarters: number;
}

/**
 * Counts the columns of the vector of all stages that `stageVectors` makes, without building the backbone. The count is
 * exact if the last map has more than one position. A user's own model has its one vector.
 * @throws SpecError as backboneCost
 */
export function stageColumns(backbone: BackboneSpec): StageColumns {
  const { cuts, inputSize, wholeMapColumns } = backboneCost(backbone);
  const divided = cuts.slice(0, -1).filter(({ stride, channels }) => {
    const map = inputSize.map((side) => Math.ceil(side / stride));
    return channels <= MOST_GRID_CHANNELS && hasQuarters(map, inputSize);
  });
  return { whole: wholeMapColumns, quarters: 4 * sumOf(divided, ({ channels }) => channels) };
}
