import { z } from 'zod';

/** What travels on the queue: only ids, never content, so that a message delivered twice or late can do no harm. */
export const QueueMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('import'), upload: z.string() }),
  z.strictObject({ type: z.literal('collect') }),
  /** Sent by earlier versions, which deleted one data set after the other; now it means `collect`. */
  z.strictObject({ type: z.literal('delete'), deletion: z.string() }),
  z.strictObject({
    type: z.literal('train'),
    job: z.string(),
    /** How many attempts the job had had when this was sent: a dead letter of long ago says nothing of the next one. */
    attempts: z.int().min(0).optional(),
  }),
  z.strictObject({ type: z.literal('webhook'), job: z.string() }),
]);
export type QueueMessage = z.infer<typeof QueueMessage>;
