/**
 * The last map at this stride ends the layers that are useful for most images; later layers are specific to ImageNet's
 * classes.
 */
const EARLIER_STRIDE = 16;
/** Maps at this stride and finer ones hold edges, textures and small parts. */
const DEEPER_STRIDE = 8;

interface Cut {
  /** Pixels of the image per position of the map. */
  readonly stride: number;
}

/** Where `earlier-features` and `fine-tune-top` cut a backbone; undefined if its first map is already coarser. */
export function earlierCut<At extends Cut>(cuts: readonly At[]): At | undefined {
  return lastAt(cuts, EARLIER_STRIDE);
}

/** Where `auto` cuts if training the layers after `earlierCut` is not enough; undefined if there is no such cut. */
export function deeperCut<At extends Cut>(cuts: readonly At[]): At | undefined {
  return lastAt(cuts, DEEPER_STRIDE);
}

function lastAt<At extends Cut>(cuts: readonly At[], stride: number): At | undefined {
  return cuts.filter((cut) => cut.stride <= stride).at(-1);
}
