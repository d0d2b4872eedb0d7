import type { z } from 'zod';

/**
 * Adds a rule to a contract that JSON Schema cannot express, such as one number being less than another. Enforces the
 * rule and adds it to the description.
 * @param rule the expectation; completes a sentence that starts with "expected"
 * @param options path: the member that the error points to (default: the whole value); error: the expectation for that
 * member (default: `rule`)
 */
export function withRule<Schema extends z.ZodType>(
  schema: Schema,
  rule: string,
  holds: (value: z.output<Schema>) => boolean,
  { path = [], error = rule }: { readonly path?: PropertyKey[]; readonly error?: string } = {},
): Schema {
  const ruleText = [schema.description, `Expected ${rule}.`].filter(Boolean).join(' ');
  return schema.refine(holds, { error: `expected ${error}`, path }).meta({ description: ruleText });
}
