import type { z } from 'zod';

/**
 * A contract with a rule that JSON Schema has no words for, such as that one number is below another: values are held
 * to it, and the description says it.
 * @param rule what is expected, to be read after "expected"
 * @param options path: the member that an error points to; default: the whole. error: what is expected of that member;
 * default: the rule
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
