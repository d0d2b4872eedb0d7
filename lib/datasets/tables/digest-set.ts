import { hashIndex } from './hash-index.ts';

/** A set of SHA-256 hashes, given as 64 hexadecimal digits: a million take 40 to 60 MB, as strings 200. */
export interface DigestSet {
  readonly size: number;
  /** @returns whether it was new */
  add(hex: string): boolean;
  has(hex: string): boolean;
}

/** @param expected number of different hashes, if known */
export function digestSet(expected?: number): DigestSet {
  const index = hashIndex(expected);
  return {
    get size() {
      return index.length;
    },
    add(hex) {
      const before = index.length;
      return index.add(hex) === before;
    },
    has: (hex) => index.numberOf(hex) !== undefined,
  };
}
