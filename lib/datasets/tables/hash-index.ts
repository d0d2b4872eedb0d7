/**
 * Numbers SHA-256 hashes from 0, in the order in which they are added. They are given and returned as 64 hexadecimal
 * digits and stored as 32 bytes: with what finds them, each takes 40 to 60 bytes, a third of what a map of texts takes.
 */
export interface HashIndex {
  /** Number of different hashes. */
  readonly length: number;
  /** Adds a hash, unless it was added before. @returns its number */
  add(sha256: string): number;
  /** @returns undefined if it was not added */
  numberOf(sha256: string): number | undefined;
  at(number: number): string;
}

const BYTES = 32;
const WORDS = BYTES / Uint32Array.BYTES_PER_ELEMENT;
/** The word that says where a hash is looked for first: not the first one, because neighbours in a sorted list begin alike. */
const LAST = WORDS - 1;

/**
 * Indexes hashes by open addressing. A SHA-256 is as random as any hash of it.
 * @param expected number of different hashes, if known
 */
export function hashIndex(expected = 64): HashIndex {
  // Words compare faster than texts.
  let words = new Uint32Array(WORDS * Math.max(1, expected));
  let bytes = Buffer.from(words.buffer);
  let slots = slotsOf(words);
  let length = 0;
  const wanted = new Uint32Array(WORDS);
  const wantedBytes = Buffer.from(wanted.buffer);

  /** The slot that holds a hash, or the free one where it would go. Leaves the hash in `wanted`. */
  function slotOf(sha256: string): number {
    wantedBytes.write(sha256, 'hex');
    let slot = (wanted[LAST] ?? 0) % slots.length;
    for (let found = slots[slot] ?? 0; found > 0 && !isWanted(found - 1); found = slots[slot] ?? 0) {
      slot = (slot + 1) % slots.length;
    }
    return slot;
  }

  function isWanted(number: number): boolean {
    const start = number * WORDS;
    for (let word = 0; word < WORDS; word++) if (words[start + word] !== wanted[word]) return false;
    return true;
  }

  function grow(): void {
    words = new Uint32Array(words.buffer.transfer(BYTES * Math.ceil(length * 1.5)));
    bytes = Buffer.from(words.buffer);
    slots = slotsOf(words);
    for (let number = 0; number < length; number++) {
      let slot = (words[number * WORDS + LAST] ?? 0) % slots.length;
      while (slots[slot] !== 0) slot = (slot + 1) % slots.length;
      slots[slot] = number + 1;
    }
  }

  return {
    get length() {
      return length;
    },
    add(sha256) {
      let slot = slotOf(sha256);
      const found = slots[slot] ?? 0;
      if (found > 0) return found - 1;
      if (length * WORDS === words.length) {
        grow();
        slot = slotOf(sha256);
      }
      words.set(wanted, length * WORDS);
      slots[slot] = length + 1;
      return length++;
    },
    numberOf(sha256) {
      const found = slots[slotOf(sha256)] ?? 0;
      return found === 0 ? undefined : found - 1;
    },
    at: (number) => bytes.toString('hex', number * BYTES, (number + 1) * BYTES),
  };
}

/** For each slot, the number of its hash plus one, 0 for none. At most half of them are taken. */
function slotsOf(words: Uint32Array): Uint32Array {
  return new Uint32Array((2 * words.length) / WORDS);
}
