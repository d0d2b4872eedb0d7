/** The last map at this scale ends the layers that most images have in common; behind it a backbone knows its own classes. */
const EARLIER_STRIDE = 16;
/** Maps of this scale and larger ones hold edges, textures and small parts. */
const DEEPER_STRIDE = 8;

interface Cut {
  /** Pixels of the image for each place of the map. */
  readonly stride: number;
}

/** Where `earlier-features` and `fine-tune-top` cut a backbone; undefined where its first map is smaller already. */
export function earlierCut<At extends Cut>(cuts: readonly At[]): At | undefined {
  return lastAt(cuts, EARLIER_STRIDE);
}

/** Where `auto` cuts when the layers behind `earlierCut` have more to learn than they can; undefined where there is no such place. */
export function deeperCut<At extends Cut>(cuts: readonly At[]): At | undefined {
  return lastAt(cuts, DEEPER_STRIDE);
}

function lastAt<At extends Cut>(cuts: readonly At[], stride: number): At | undefined {
  return cuts.filter((cut) => cut.stride <= stride).at(-1);
}
