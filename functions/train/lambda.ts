/**
 * The training function in Lambda, for small jobs: runs one attempt, as functions/train/main.ts does in a container.
 */
import { workOnJob } from '../../lib/jobs/work-on-job.ts';
import { deadlineOf } from '../deadline.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { scopedLog } from '../scoped-log.ts';
import { AttemptMessage } from './attempt-message.ts';
import { runJob } from './run-job.ts';

const world = openLambdaWorld();

/**
 * Near the end of its time an attempt releases its job; the next one continues from its last checkpoint. Lambda delivers
 * an asynchronous call at least once.
 */
export const handler = instrument(async (event: unknown, context) => {
  const attempt = AttemptMessage.parse(event);
  const log = scopedLog(world.log, { ...attempt });
  await workOnJob(attempt, runJob, { ...world, log }, deadlineOf(context), { mayBeCalledAgain: true });
});
