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
