/** The order of all listings and manifests: by UTF-16 code units, the same on every machine and in every language. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return byText(a.path, b.path);
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** 0, 1, 2 and so on. */
export function numbers(count: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: count }, (_, index) => index);
}

/** The place of what is looked for among `length` sorted ones, if it is there. @param compare below 0 where a place comes before it */
export function binarySearch(length: number, compare: (place: number) => number): number | undefined {
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
