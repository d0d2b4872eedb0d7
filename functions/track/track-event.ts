import { z } from 'zod';
import { attemptOfBatchJob } from '../../lib/aws/batch-compute.ts';
import { failDeadImports } from '../../lib/datasets/fail-dead-imports.ts';
import { errorJson } from '../../lib/errors.ts';
import { failDeadJobs } from '../../lib/jobs/fail-dead-jobs.ts';
import { attemptEnded, reconcileJobs } from '../../lib/jobs/track-job.ts';
import type { Compute, World } from '../../lib/ports.ts';
import { scopedLog } from '../../lib/scoped-log.ts';

/** A job that waits longer than this for a machine gets a second message, in case the first was lost; both are harmless. */
const STALE_SECONDS = 600;

/** https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html; what is left out may be missing. */
const BatchEvent = z.object({
  'detail-type': z.literal('Batch Job State Change'),
  detail: z.object({
    jobName: z.string(),
    status: z.string(),
    statusReason: z.string().optional(),
    container: z.object({ reason: z.string().optional(), exitCode: z.int().optional() }).optional(),
  }),
});
type BatchDetail = z.infer<typeof BatchEvent>['detail'];

const ClockEvent = z.object({ 'detail-type': z.literal('Scheduled Event') });

const TrackedEvent = z.discriminatedUnion('detail-type', [BatchEvent, ClockEvent]);

/** Events may come twice, late and in any order: a job's record takes only what fits its attempt. */
export async function trackEvent(event: unknown, compute: Compute, world: World): Promise<void> {
  const known = TrackedEvent.parse(event);
  if (known['detail-type'] === 'Batch Job State Change') await batchJobChanged(known.detail, world);
  else await lookAround(compute, world);
}

async function batchJobChanged(detail: BatchDetail, world: World): Promise<void> {
  const attempt = attemptOfBatchJob(detail.jobName);
  if (attempt === undefined || (detail.status !== 'FAILED' && detail.status !== 'SUCCEEDED')) return;
  await attemptEnded(attempt, reasonOf(detail), { ...world, log: scopedLog(world.log, { ...attempt }) });
}

function reasonOf({ status, statusReason, container: { reason, exitCode } = {} }: BatchDetail): string {
  const said = [reason ?? statusReason, exitCode !== undefined && `exit status ${exitCode}`].filter(Boolean);
  return said.length > 0 ? said.join(', ') : `AWS Batch says ${status} and gives no reason`;
}

/** One of them that fails keeps nothing from the others. */
async function lookAround(compute: Compute, world: World): Promise<void> {
  const given = [failDeadImports(world), failDeadJobs(world)].map((look) =>
    look.catch((error) => world.log('track.failed', { error: errorJson(error) })),
  );
  await reconcileJobs(compute, world, { staleSeconds: STALE_SECONDS });
  await Promise.all(given);
}
