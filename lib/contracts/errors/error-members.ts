import { z } from 'zod';
import type { ErrorDetail } from './error-detail.ts';

/** The members of an error's JSON that are needed to recreate the error. The message is derived from them. */
export const ErrorMembers = z.object({
  code: z.string(),
  at: z.string().optional(),
  expected: z.string().optional(),
  received: z.unknown().optional(),
  /** Number of elements missing from `received`, if it is the first part of a list. */
  omitted: z.int().optional(),
  fix: z.string().optional(),
});

/** Converts the members of an error's JSON to the argument of its constructor. */
export function errorDetail({ at, expected, received, omitted, fix }: Omit<z.infer<typeof ErrorMembers>, 'code'>): ErrorDetail {
  return {
    ...(at !== undefined && { at }),
    ...(expected !== undefined && { expected }),
    ...(received !== undefined && { received }),
    ...(omitted !== undefined && { omitted }),
    ...(fix !== undefined && { fix }),
  };
}
