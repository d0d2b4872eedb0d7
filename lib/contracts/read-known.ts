import type { z } from 'zod';

/** What a contract takes of a value. */
export interface Known<Schema extends z.ZodType> {
  readonly value: z.infer<Schema>;
  /** Paths of the keys that the contract does not know, which were left out: `spec.newOption`. */
  readonly unknown: readonly string[];
}

/**
 * Reads what another version of Graft may have written: contracts refuse unknown keys, which for a user's spec are
 * misspellings, but in what Graft itself wrote they are what a newer version has added. Everything else must fit.
 * @throws ZodError of the first thing that does not fit
 */
export function readKnown<Schema extends z.ZodType>(schema: Schema, value: unknown): Known<Schema> {
  const left = structuredClone(value);
  const unknown: string[] = [];
  for (;;) {
    const result = schema.safeParse(left);
    if (result.success) return { value: result.data, unknown };
    const found = result.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [],
    );
    if (found.length < result.error.issues.length || found.length === 0) throw result.error;
    for (const path of found) {
      remove(left, path);
      unknown.push(path.map(String).join('.'));
    }
  }
}

function remove(value: unknown, [key, ...deeper]: readonly PropertyKey[]): void {
  if (typeof value !== 'object' || value === null || key === undefined) return;
  if (deeper.length === 0) Reflect.deleteProperty(value, key);
  else remove(Reflect.get(value, key), deeper);
}
