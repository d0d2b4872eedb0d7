/**
 * A named, seeded stream of random numbers. A stream is a pure function of its seed and its path of names, so resuming
 * a training run needs no saved state: epoch 7 shuffles the same whether or not the process was killed in epoch 6.
 */
export interface RandomStream {
  /** Returns the next float64 in [0, 1). */
  next(): number;
  /** Returns the next integer in [0, below). */
  integer(below: number): number;
  /** Returns a uint32 to seed a library's own generator. */
  seed(): number;
  /** Returns `items` in a new order (Fisher-Yates); does not modify the input. */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * Returns the random stream of a seed at a path of names. The same seed and path give the same numbers on every
 * machine.
 * @param path names and numbers that distinguish streams of one seed
 * @example
 * ```ts
 * const order = randomStream(seed, 'shuffle', epoch).shuffle(rows);
 * ```
 */
export function randomStream(seed: number, ...path: readonly (string | number)[]): RandomStream {
  const next = mulberry32(fnv1a([seed, ...path].join('/')));
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    next,
    integer,
    seed: () => integer(2 ** 32),
    shuffle(items) {
      const order = [...items];
      for (let i = order.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [order[i], order[j]] = [order[j] as (typeof order)[number], order[i] as (typeof order)[number]];
      }
      return order;
    },
  };
}

/** Computes the 32-bit FNV-1a hash of a text's UTF-8 bytes. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/**
 * Creates a mulberry32 generator (Tommy Ettinger, public domain). It has 32 bits of state, passes gjrand's small tests,
 * and gives the same numbers on every machine.
 * @returns a function that returns the next float64 in [0, 1)
 */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
