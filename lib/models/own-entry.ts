/** Reads the entry of a name. Names such as `constructor` are names of an alias, too: only own members count. */
export function ownEntry<Value>(entries: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}
