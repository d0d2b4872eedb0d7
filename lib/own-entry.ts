/**
 * Reads the entry of a name that comes from outside, such as an alias or an operator: all objects have a member
 * `constructor`, so only own members count.
 */
export function ownEntry<Value>(entries: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}
