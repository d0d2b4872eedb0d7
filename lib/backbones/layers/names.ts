/** `a`, `b`, `c`: how Keras tells the repeats of a block apart. */
export function nameByLetter(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}

/** Names as Keras gives them to layers that have none: `add`, `add_1`, `add_2`, counted for each kind from the images on. */
export function autoNames(): (kind: string) => string {
  const counts = new Map<string, number>();
  return (kind) => {
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return count === 0 ? kind : `${kind}_${count}`;
  };
}

/** The name that Keras gives after this one: `activation_18` after `activation_17`. */
export function nameAfter(name: string): string {
  const [, kind = name, count = '0'] = /^(.*)_(\d+)$/.exec(name) ?? [];
  return `${kind}_${Number(count) + 1}`;
}
