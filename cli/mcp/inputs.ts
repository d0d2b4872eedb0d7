import { z } from 'zod';

/** The most seconds that a call waits, because clients end calls that take long. */
const MOST_SECONDS = 25;

export const waitSeconds = z
  .number()
  .min(0)
  .max(MOST_SECONDS)
  .default(20)
  .describe('The most seconds to wait. Call again with the same arguments to wait longer.');

/** Paging of lists. */
export const page = {
  limit: z.int().min(1).max(100).default(20),
  after: z.string().optional().describe('The `next` of the page before.'),
};
