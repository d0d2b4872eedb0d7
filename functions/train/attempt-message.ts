import { z } from 'zod';
import { JobId } from '../../lib/contracts/names.ts';

/** What starts an attempt in a function, or in a process that waits for one. */
export const AttemptMessage = z.object({ job: JobId, attempt: z.int().min(1) });
