import { z } from 'zod';
import type { ErrorDetail } from '../errors.ts';

/** The members of an error's JSON from which the error can be made again: all but its message, which follows from them. */
export const ErrorMembers = z.object({
  code: z.string(),
  at: z.string().optional(),
  expected: z.string().optional(),
  received: z.unknown().optional(),
  /** How many elements `received` lacks, where it is the first part of a list. */
  omitted: z.int().optional(),
  fix: z.string().optional(),
});

/** The members of an error's JSON as its constructor takes them. */
export function errorDetail({ at, expected, received, omitted, fix }: Omit<z.infer<typeof ErrorMembers>, 'code'>): ErrorDetail {
  return {
    ...(at !== undefined && { at }),
    ...(expected !== undefined && { expected }),
    ...(received !== undefined && { received }),
    ...(omitted !== undefined && { omitted }),
    ...(fix !== undefined && { fix }),
  };
}
