/** Returns `a`, `b`, `c` and so on, the suffixes that Keras gives to the repeats of a block. */
export function nameByLetter(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}

/**
 * Creates a function that names unnamed layers as Keras does: `add`, `add_1`, `add_2`, counted per kind from the
 * images on.
 */
export function autoNames(): (kind: string) => string {
  const counts = new Map<string, number>();
  return (kind) => {
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return count === 0 ? kind : `${kind}_${count}`;
  };
}

/** Returns the name that Keras gives after this one: `activation_18` after `activation_17`. */
export function nameAfter(name: string): string {
  const [, kind = name, count = '0'] = /^(.*)_(\d+)$/.exec(name) ?? [];
  return `${kind}_${Number(count) + 1}`;
}
