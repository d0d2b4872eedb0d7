import { z } from 'zod';
import { JobProgress, JobState, TrainingPhase } from './job.ts';
import { Time } from './names.ts';
import { Trial } from './search-spec.ts';

const when = { time: Time, attempt: z.int().min(0) };

/** What happened to a job: a change of state, a stage, an epoch or a trial of its work, a line of its log. */
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
  z.strictObject({ type: z.literal('log'), ...when, line: z.string() }),
]);
export type JobEvent = z.infer<typeof JobEvent>;

/** GET /v1/jobs/{id}/events */
export const JobEvents = z.strictObject({
  events: z.array(JobEvent),
  /** The cursor from which to ask on. */
  next: z.string(),
  /** Whether the job has ended and all its events were told. */
  ended: z.boolean(),
});
export type JobEvents = z.infer<typeof JobEvents>;

/** How far somebody has read: changes of state, then the attempt and the events of it. */
export const EventCursor = z
  .string()
  .regex(/^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,9}$/, 'expected a cursor as an earlier answer gave it');
