/** Pixels of a position in the maps that are joined, the finer one first. */
const STRIDES = [8, 16];

/** The cut whose map has the patches, and the finer one whose map is joined to it if it fits. */
export function patchCuts<Cut extends { readonly stride: number }>(
  cuts: readonly Cut[],
): { readonly last: Cut | undefined; readonly fine: Cut | undefined } {
  const [fine, coarse] = STRIDES.map((wanted) => cuts.findLast(({ stride }) => stride === wanted));
  const last = coarse ?? cuts.findLast(({ stride }) => stride <= 16) ?? cuts.at(-1);
  return { last, fine: coarse && fine };
}
