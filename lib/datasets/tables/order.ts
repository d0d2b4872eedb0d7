/** The order of all listings and manifests: by UTF-16 code units, independent of machine and language. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return byText(a.path, b.path);
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The numbers 0, 1, 2 and so on. */
export function numbers(count: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: count }, (_, index) => index);
}

/**
 * Binary search among `length` sorted items. @param compare below 0 if an item sorts before the wanted one @returns its
 * index; undefined if there is none
 */
export function binarySearch(length: number, compare: (index: number) => number): number | undefined {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const order = compare(middle);
    if (order === 0) return middle;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return undefined;
}
