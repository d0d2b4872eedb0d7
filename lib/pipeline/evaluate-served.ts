import type { JobResult } from '../contracts/job.ts';
import { metricsOf } from '../training/evaluate.ts';
import { type Predictions, predictLogits } from '../training/predict-logits.ts';
import type { CalibratedNetwork } from './calibrate-network.ts';
import type { TrainedNetwork } from './network.ts';
import type { ServedNetwork } from './retrain-on-all.ts';
import { lossOf, stage, type TrainingContext } from './training-context.ts';

/**
 * Metrics of a job: of the trained network on the validation images, and of the served network on the test images, if
 * there are any.
 * @returns the metrics, and the scores of the test images
 */
export async function evaluateServed(
  { network }: ServedNetwork,
  { examples: { test } }: TrainedNetwork,
  { metrics: validation, thresholds }: CalibratedNetwork,
  { job, jobContext, dataset, work }: TrainingContext,
): Promise<{ readonly metrics: JobResult['metrics']; readonly testScores?: Predictions }> {
  jobContext.report(stage('evaluate'));
  if (test.count === 0) return { metrics: { validation } };
  return work.time('evaluate', async () => {
    const testScores = await predictLogits(network, test, lossOf(job));
    const metrics = { loss: testScores.loss, ...metricsOf(testScores, dataset.labels, thresholds) };
    return { metrics: { validation, test: metrics }, testScores };
  });
}
