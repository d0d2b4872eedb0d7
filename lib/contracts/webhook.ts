import { z } from 'zod';
import { withRules } from './explain/with-rules.ts';
import { JobId, Time } from './names.ts';

export const WebhookEvent = z.enum(['job.succeeded', 'job.failed', 'job.cancelled']);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** Number of delivery attempts, at growing intervals, before a webhook becomes a dead letter. */
export const WEBHOOK_TRIES = 8;

/** The URL to call when a job ends, and the events to send. */
export const WebhookSpec = z.strictObject({
  url: withRules(z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }).max(2048), {
    expected: 'an http or https URL without credentials',
    holds: (url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === '',
  }),
  events: z.array(WebhookEvent).min(1).max(3).default(['job.succeeded', 'job.failed', 'job.cancelled']),
});
export type WebhookSpec = z.infer<typeof WebhookSpec>;

/** The body of a webhook request: the event, its time, and the job. */
export const WebhookBody = z.strictObject({
  type: WebhookEvent,
  /** When the job ended. */
  timestamp: Time,
  data: z.strictObject({
    job: JobId,
    /** Name of the model. */
    model: z.string(),
    /** The version that the job published. */
    version: z.int().min(1).optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
});
export type WebhookBody = z.infer<typeof WebhookBody>;

/** The delivery status of a webhook for a job that ended. */
export const WebhookDelivery = z.strictObject({
  /** `failing`: will be retried; `failed`: will not. */
  state: z.enum(['sent', 'failing', 'failed']),
  /** Attempts so far. */
  tries: z.int().min(1),
  /** Time of the last attempt. */
  at: Time,
  /** Earliest time of the next attempt. */
  next: Time.optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
