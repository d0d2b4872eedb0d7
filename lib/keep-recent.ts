/**
 * Keeps a value as the last used one, and forgets the values whose last use is the longest ago.
 * @param known in the order of their last use
 * @param most values to keep
 * @returns the value
 */
export function keepRecent<Key, Value>(known: Map<Key, Value>, key: Key, value: Value, most: number): Value {
  known.delete(key);
  known.set(key, value);
  for (const oldest of known.keys()) if (known.size > most) known.delete(oldest);
  return value;
}
