import { z } from 'zod';

/** A queue message. It contains only ids, so duplicate or late delivery is harmless. */
export const QueueMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('import'),
    upload: z.string(),
    /** So that an old dead letter does not affect an import that another message has begun. */
    id: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('collect') }),
  /** Sent by earlier versions, which deleted data sets one by one. Now treated as `collect`. */
  z.strictObject({ type: z.literal('delete'), deletion: z.string() }),
  z.strictObject({
    type: z.literal('train'),
    job: z.string(),
    /**
     * The job's number of attempts when the message was sent, so that an old dead letter does not affect later
     * attempts.
     */
    attempts: z.int().min(0).optional(),
  }),
  z.strictObject({ type: z.literal('webhook'), job: z.string() }),
  /** A part of the features that an attempt needs. Without `part`: divide the images into parts. */
  z.strictObject({
    type: z.literal('extract'),
    job: z.string(),
    attempt: z.int().min(1),
    part: z.int().min(0).optional(),
    /** How often in a row functions refused the part, because they have another kind of processor than the others. */
    refusals: z.int().min(1).optional(),
  }),
  /** A part of the images of an upload, whose checks a function makes. */
  z.strictObject({ type: z.literal('check'), upload: z.string(), part: z.int().min(0) }),
]);
export type QueueMessage = z.infer<typeof QueueMessage>;
export type ImportMessage = Extract<QueueMessage, { type: 'import' }>;
export type CheckMessage = Extract<QueueMessage, { type: 'check' }>;
export type ExtractMessage = Extract<QueueMessage, { type: 'extract' }>;
