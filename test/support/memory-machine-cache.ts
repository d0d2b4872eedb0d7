import type { MachineCache } from '../../lib/ports.ts';

/** The cache of a machine, in memory. */
export function memoryMachineCache(
  values = new Map<string, unknown>(),
): MachineCache & { readonly values: Map<string, unknown> } {
  return {
    values,
    read: async (name, schema) => (values.has(name) ? schema.parse(values.get(name)) : undefined),
    write: async (name, value) => void values.set(name, value),
  };
}
