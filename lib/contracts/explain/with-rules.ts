import type { z } from 'zod';

/** A rule that JSON Schema cannot express, such as one number being less than another. */
interface Rule<Value> {
  /** Completes a sentence that starts with "expected". */
  readonly expected: string;
  readonly holds: (value: Value) => boolean;
  /** The member that the error points to. Default: the whole value. */
  readonly path?: PropertyKey[];
  /** What the error expects of that member. Default: `expected`. */
  readonly error?: string;
}

/** Adds rules to a contract: enforces them, and adds them to the description, in this order. */
export function withRules<Schema extends z.ZodType>(schema: Schema, ...rules: readonly Rule<z.output<Schema>>[]): Schema {
  return rules.reduce((ruled, { expected, holds, path = [], error = expected }) => {
    const description = [ruled.description, `Expected ${expected}.`].filter(Boolean).join(' ');
    return ruled.refine(holds, { error: `expected ${error}`, path }).meta({ description });
  }, schema);
}
