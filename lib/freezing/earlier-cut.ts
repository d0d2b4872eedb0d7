/** The last map at this scale ends the layers that most images have in common; behind it a backbone knows its own classes. */
const EARLIER_STRIDE = 16;

/** Where `earlier-features` and `fine-tune-top` cut a backbone; undefined where its first map is smaller already. */
export function earlierCut<Cut extends { readonly stride: number }>(cuts: readonly Cut[]): Cut | undefined {
  return cuts.filter(({ stride }) => stride <= EARLIER_STRIDE).at(-1);
}
