import type { z } from 'zod';
import { SpecError } from '../errors.ts';

export interface WhatWasParsed {
  /** Stands before the path in the value: `query`; empty where the value is the whole. */
  readonly where?: string;
  /** The page that says what is right. */
  readonly page: string;
}

/** What a value lacks of its contract, as an error: the first thing that does not fit, with its path; an unknown key is named. */
export function contractError(error: z.ZodError, value: unknown, { where = '', page }: WhatWasParsed): SpecError {
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : undefined;
  return new SpecError(unknown === undefined ? 'REQUEST_INVALID' : 'UNKNOWN_KEY', {
    at: [where, ...path.map(String)].filter(Boolean).join('.') || 'body',
    expected: unknown === undefined ? wanted(issue?.message) : 'only known keys',
    received: unknown ?? path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value),
    fix: unknown === undefined ? `see ${page} for what this takes` : `remove ${unknown}, or look for a misspelling`,
  });
}

/** What was expected, out of zod's message or of ours, which both may begin with that word. */
function wanted(message = 'a valid request'): string {
  return message.replace(/^(?:[A-Z][a-z ]*: )?expected /, '').replace(/, received [^,]*$/, '');
}
