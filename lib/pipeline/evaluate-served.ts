import type { JobResult } from '../contracts/job.ts';
import { evaluate } from '../training/evaluate.ts';
import type { CalibratedNetwork } from './calibrate-network.ts';
import type { TrainedNetwork } from './network.ts';
import type { ServedNetwork } from './retrain-on-all.ts';
import { lossOf, stage, type TrainingContext } from './training-context.ts';

/**
 * Metrics of a job: of the trained network on the validation images, and of the served network on the test images, if
 * there are any.
 */
export async function evaluateServed(
  { network }: ServedNetwork,
  { examples: { test } }: TrainedNetwork,
  { metrics: validation, thresholds }: CalibratedNetwork,
  { job, jobContext, dataset, work }: TrainingContext,
): Promise<JobResult['metrics']> {
  jobContext.report(stage('evaluate'));
  if (test.count === 0) return { validation };
  const metrics = await work.time('evaluate', () => evaluate(network, test, lossOf(job), dataset.labels, thresholds));
  return { validation, test: metrics };
}
