/** Sets of numbers in two columns, because there may be as many sets as images. */
export interface Groups {
  readonly length: number;
  /** The numbers of a set, in the order in which they came. */
  at(set: number): Uint32Array;
}

export interface GroupsBuilder {
  /** Adds a number to the current set. */
  add(number: number): void;
  /** Ends the current set and starts another; an empty set is dropped. */
  end(): void;
  sets(): Groups;
}

/** @param capacity the most numbers of all sets together */
export function buildGroups(capacity: number): GroupsBuilder {
  const numbers = new Uint32Array(capacity);
  const ends = new Uint32Array(capacity);
  let [count, length] = [0, 0];
  return {
    add(number) {
      numbers[count++] = number;
    },
    end() {
      if (count > (ends[length - 1] ?? 0)) ends[length++] = count;
    },
    sets: () => ({ length, at: (set) => numbers.subarray(ends[set - 1] ?? 0, ends[set]) }),
  };
}
