import type { z } from 'zod';
import { SpecError } from '../../errors.ts';
import { explainFirst } from './explain-issue.ts';

export interface ParsedInput {
  /** Prefix of the path in error messages, such as `query`. Empty if the value is the whole input. */
  readonly where?: string;
  /** The documentation page to link. */
  readonly page: string;
  /** If given, the error lists the valid keys and choices, and suggests the nearest one. */
  readonly schema?: z.core.$ZodType;
}

/** Converts a zod error to a SpecError for the first issue, with its path. Names unknown keys. */
export function contractError(error: z.ZodError, value: unknown, { where = '', page, schema }: ParsedInput): SpecError {
  const { path, expected, received, meant, unknown } = explainFirst(error.issues, value, schema);
  const otherwise =
    unknown === undefined ? `see ${page} for what this takes` : `remove ${unknown.join(', ')}, or look for a misspelling`;
  return new SpecError(unknown === undefined ? 'REQUEST_INVALID' : 'UNKNOWN_KEY', {
    at: [where, ...path.map(String)].filter(Boolean).join('.') || 'body',
    expected,
    received,
    fix: meant === undefined ? otherwise : `did you mean ${meant}?`,
  });
}

/**
 * Parses a value with a contract.
 * @returns the parsed value, with defaults
 * @throws SpecError REQUEST_INVALID, UNKNOWN_KEY
 */
export function parseContract<Schema extends z.ZodType>(schema: Schema, value: unknown, what: ParsedInput): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw contractError(parsed.error, value, { ...what, schema });
}
