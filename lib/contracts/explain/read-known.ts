import type { z } from 'zod';

/** The part of a value that a contract accepts. */
export interface Known<Schema extends z.ZodType> {
  readonly value: z.infer<Schema>;
  /** Paths of the unknown keys that were removed, such as `spec.newOption`. */
  readonly unknown: readonly string[];
}

/**
 * Reads a value that another version of Graft may have written. Contracts refuse unknown keys, because in a user's spec
 * they are misspellings. In values written by Graft, a newer version added them, so they are removed here. Everything
 * else must match.
 * @throws ZodError for the first mismatch
 */
export function readKnown<Schema extends z.ZodType>(schema: Schema, value: unknown): Known<Schema> {
  const whole = schema.safeParse(value);
  if (whole.success) return { value: whole.data, unknown: [] };
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
