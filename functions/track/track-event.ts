import { z } from 'zod';
import { attemptOfBatchJob, isUnstarted } from '../../lib/aws/batch-compute.ts';
import { endAttempt } from '../../lib/jobs/end-attempt.ts';
import { STALE_SECONDS } from '../../lib/jobs/message-times.ts';
import type { Compute, World } from '../../lib/ports.ts';
import { scopedLog } from '../scoped-log.ts';
import { runMaintenance } from './run-maintenance.ts';

/**
 * https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html; members that are not listed here may be
 * missing.
 */
const BatchEvent = z.object({
  'detail-type': z.literal('Batch Job State Change'),
  detail: z.object({
    jobName: z.string(),
    status: z.string(),
    statusReason: z.string().optional(),
    startedAt: z.number().optional(),
    dependsOn: z.array(z.unknown()).optional(),
    container: z.object({ reason: z.string().optional(), exitCode: z.int().optional() }).optional(),
  }),
});
type BatchDetail = z.infer<typeof BatchEvent>['detail'];

const ClockEvent = z.object({ 'detail-type': z.literal('Scheduled Event') });

const TrackedEvent = z.discriminatedUnion('detail-type', [BatchEvent, ClockEvent]);

/**
 * Handles an event of AWS Batch. Events may arrive twice, late and in any order: a job's record accepts only what fits
 * its attempt.
 */
export async function trackEvent(event: unknown, compute: Compute, world: World): Promise<void> {
  const known = TrackedEvent.parse(event);
  if (known['detail-type'] === 'Batch Job State Change') await batchJobChanged(known.detail, world);
  else await runMaintenance(compute, world, { staleSeconds: STALE_SECONDS });
}

async function batchJobChanged(detail: BatchDetail, world: World): Promise<void> {
  const attempt = attemptOfBatchJob(detail.jobName);
  if (attempt === undefined || (detail.status !== 'FAILED' && detail.status !== 'SUCCEEDED')) return;
  const scoped = { ...world, log: scopedLog(world.log, { ...attempt }) };
  await endAttempt(attempt, reasonOf(detail), scoped, { countsAs: isUnstarted(detail) ? 'unstarted' : 'lost' });
}

function reasonOf({ status, statusReason, container: { reason, exitCode } = {} }: BatchDetail): string {
  const details = [reason ?? statusReason, exitCode !== undefined && `exit status ${exitCode}`].filter(Boolean);
  return details.length > 0 ? details.join(', ') : `AWS Batch says ${status} and gives no reason`;
}
