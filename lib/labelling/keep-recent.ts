/**
 * Returns the value of a key. If it is not known, `make` makes it, and the keys whose last use is the longest ago are
 * forgotten.
 * @param known in the order of their last use
 * @param most keys to keep
 */
export function keepRecent<Value>(known: Map<string, Value>, key: string, most: number, make: () => Value): Value {
  const found = known.get(key) ?? make();
  known.delete(key);
  known.set(key, found);
  for (const oldest of known.keys()) if (known.size > most) known.delete(oldest);
  return found;
}
