import type { QueueMessage } from '../../lib/contracts/queue-message.ts';
import { dispatchJob } from '../../lib/jobs/dispatch-job.ts';
import type { Compute, World } from '../../lib/ports.ts';
import { scopedLog } from '../scoped-log.ts';

/**
 * Handles a message of the queue of trainings: starts the next attempt of a job. @throws as dispatchJob; the message
 * must then be delivered again
 */
export async function handleTrainingMessage(message: QueueMessage, compute: Compute, world: World): Promise<void> {
  if (message.type !== 'train') return;
  await dispatchJob(message.job, compute, { ...world, log: scopedLog(world.log, { job: message.job }) });
}
