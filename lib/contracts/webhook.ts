import { z } from 'zod';
import { JobId, Time } from './names.ts';
import { withRule } from './with-rule.ts';

export const WebhookEvent = z.enum(['job.succeeded', 'job.failed', 'job.cancelled']);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** How often a webhook is sent, at growing intervals, before it is a dead letter. */
export const WEBHOOK_TRIES = 8;

/** Where to say that a job has ended, and of which ends. */
export const WebhookSpec = z.strictObject({
  url: withRule(
    z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }).max(2048),
    'an http or https URL without credentials',
    (url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === '',
  ),
  events: z.array(WebhookEvent).min(1).max(3).default(['job.succeeded', 'job.failed', 'job.cancelled']),
});
export type WebhookSpec = z.infer<typeof WebhookSpec>;

/** The body of a webhook: what happened, when, and to which job. */
export const WebhookBody = z.strictObject({
  type: WebhookEvent,
  /** When the job ended. */
  timestamp: Time,
  data: z.strictObject({
    job: JobId,
    /** Name of the model. */
    model: z.string(),
    /** That the job has made. */
    version: z.int().min(1).optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
});
export type WebhookBody = z.infer<typeof WebhookBody>;

/** How far the webhook of a job that has ended has come. */
export const WebhookDelivery = z.strictObject({
  /** `failing`: another try follows; `failed`: none does. */
  state: z.enum(['sent', 'failing', 'failed']),
  /** So far. */
  tries: z.int().min(1),
  /** Of the last try. */
  at: Time,
  /** When the next try follows, at the earliest. */
  next: Time.optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
