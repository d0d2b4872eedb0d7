/** Sets of numbers, one behind the other in two columns: there may be as many sets as images. */
export interface Groups {
  readonly length: number;
  /** The numbers of a set, in the order in which they came. */
  at(set: number): Uint32Array;
}

export interface GroupsBuilder {
  /** Adds a number to the set that is being filled. */
  add(number: number): void;
  /** Ends the set, and begins another; an empty one is none. */
  end(): void;
  sets(): Groups;
}

/** @param capacity how many numbers there are in all sets at most */
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
