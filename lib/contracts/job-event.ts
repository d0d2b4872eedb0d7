import { z } from 'zod';
import { InterimResult, JobProgress, JobState, TrainingPhase } from './job.ts';
import { Time } from './names.ts';
import { Trial } from './search-spec.ts';

const when = { time: Time, attempt: z.int().min(0) };

/** An event of a job: a state change, the progress of a stage, epoch or trial, an interim result, or a log line. */
export const JobEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('state'), ...when, state: JobState, code: z.string().optional() }),
  z.strictObject({ type: z.literal('stage'), ...when, stage: JobProgress.shape.stage }),
  z.strictObject({
    type: z.literal('epoch'),
    ...when,
    phase: TrainingPhase.optional(),
    epoch: z.int().min(1),
    epochs: z.int().min(1),
    loss: z.number().optional(),
    accuracy: z.number().optional(),
    validationLoss: z.number().optional(),
    validationAccuracy: z.number().optional(),
  }),
  z.strictObject({ type: z.literal('trial'), ...when, ...Trial.shape }),
  z.strictObject({ type: z.literal('interim'), ...when, ...InterimResult.shape }),
  z.strictObject({ type: z.literal('log'), ...when, line: z.string() }),
]);
export type JobEvent = z.infer<typeof JobEvent>;

/** GET /v1/jobs/{id}/events */
export const JobEvents = z.strictObject({
  events: z.array(JobEvent),
  /** The cursor for the next request. */
  next: z.string(),
  /** Whether the job has ended and the client has received all its events. */
  ended: z.boolean(),
});
export type JobEvents = z.infer<typeof JobEvents>;

/** A reader's position: the number of state changes, then the attempt and its events. */
export const EventCursor = z
  .string()
  .regex(/^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,9}$/, 'expected a cursor as an earlier answer gave it');
