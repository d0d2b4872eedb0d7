import type { AnyJob } from '../contracts/job.ts';
import { isTraining } from '../contracts/job.ts';
import type { WebhookBody, WebhookEvent } from '../contracts/webhook.ts';

export interface Webhook {
  readonly url: string;
  /** The same at every delivery, so that a receiver can recognize duplicates. */
  readonly id: string;
  readonly body: WebhookBody;
}

const EVENTS: Readonly<Partial<Record<AnyJob['state'], WebhookEvent>>> = {
  SUCCEEDED: 'job.succeeded',
  FAILED: 'job.failed',
  CANCELLED: 'job.cancelled',
};

/** Creates the webhook of a job that has ended; undefined if the job has no webhook. */
export function webhookOf(job: AnyJob): Webhook | undefined {
  if (!isTraining(job) || job.spec.webhook === undefined) return undefined;
  const { url, events } = job.spec.webhook;
  const type = EVENTS[job.state];
  if (type === undefined || !events.includes(type)) return undefined;
  const { id, spec, result, error, updatedAt } = job;
  const data = {
    job: id,
    model: spec.name,
    ...(result !== undefined && { version: result.version }),
    ...(error !== undefined && { error: { code: error.code, message: error.message } }),
  };
  return { url, id: `msg_${id}`, body: { type, timestamp: updatedAt, data } };
}
