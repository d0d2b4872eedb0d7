/**
 * A set of SHA-256 hashes, given as 64 hexadecimal digits and stored as 32 bytes: a million take 64 to 128 MB, as
 * strings 200.
 */
export interface DigestSet {
  readonly size: number;
  /** @returns whether it was new */
  add(hex: string): boolean;
  has(hex: string): boolean;
}

const BYTES = 32;
const WORDS = BYTES / 4;

/** Open addressing in one buffer. A hash is its own hash: its first bits say where to look for it. */
export function digestSet(capacity = 1024): DigestSet {
  let slots = 2 ** Math.ceil(Math.log2(Math.max(capacity, 16) * 1.5));
  let table = new Uint32Array(slots * WORDS);
  let used = new Uint8Array(slots);
  let size = 0;
  const bytes = Buffer.alloc(BYTES);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, WORDS);

  /** The slot that holds these words, or the free one where they would go. */
  function slotOf(wanted: Uint32Array): number {
    let slot = (wanted[0] ?? 0) & (slots - 1);
    while (used[slot] === 1 && !holds(slot, wanted)) slot = (slot + 1) & (slots - 1);
    return slot;
  }

  function holds(slot: number, wanted: Uint32Array): boolean {
    const start = slot * WORDS;
    for (let word = 0; word < WORDS; word++) if (table[start + word] !== wanted[word]) return false;
    return true;
  }

  function insert(values: Uint32Array): boolean {
    const slot = slotOf(values);
    if (used[slot] === 1) return false;
    used[slot] = 1;
    table.set(values, slot * WORDS);
    return true;
  }

  function grow(): void {
    const [oldTable, oldUsed] = [table, used];
    slots *= 2;
    table = new Uint32Array(slots * WORDS);
    used = new Uint8Array(slots);
    for (let slot = 0; slot < oldUsed.length; slot++) {
      if (oldUsed[slot] === 1) insert(oldTable.subarray(slot * WORDS, (slot + 1) * WORDS));
    }
  }

  return {
    get size() {
      return size;
    },
    add(hex) {
      if ((size + 1) * 1.5 > slots) grow();
      bytes.write(hex, 'hex');
      const isNew = insert(words);
      if (isNew) size++;
      return isNew;
    },
    has(hex) {
      bytes.write(hex, 'hex');
      return used[slotOf(words)] === 1;
    },
  };
}
