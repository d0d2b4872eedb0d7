import type { z } from 'zod';
import { SpecError } from '../errors.ts';
import { explainFirst } from './explain-issue.ts';

export interface ParsedInput {
  /** Stands before the path in the value: `query`; empty where the value is the whole. */
  readonly where?: string;
  /** The page that says what is right. */
  readonly page: string;
  /** With it, an error names the keys and choices that there are, and the nearest. */
  readonly schema?: z.core.$ZodType;
}

/** What a value lacks of its contract, as an error: the first thing that does not fit, with its path; an unknown key is named. */
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

/** A value by its contract. @throws SpecError REQUEST_INVALID, UNKNOWN_KEY */
export function parseContract<Schema extends z.ZodType>(schema: Schema, value: unknown, what: ParsedInput): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw contractError(parsed.error, value, { ...what, schema });
}
