import type { AnyJob, AnyResult } from '../../lib/contracts/job.ts';
import { openExplainerLazily } from '../../lib/explanation/lazy-explainer.ts';
import { fineTune } from '../../lib/fine-tune.ts';
import { evaluateModel } from '../../lib/inference/evaluate-model.ts';
import { predictBatch } from '../../lib/inference/predict-batch.ts';
import { openPredictor } from '../../lib/inference/predictor.ts';
import type { JobContext } from '../../lib/jobs/work-on-job.ts';
import { runExport } from '../../lib/model-exports/run-export.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';
import type { World } from '../../lib/ports.ts';

/** Does what a job of its kind wants. */
export async function runJob(job: AnyJob, jobContext: JobContext, world: World): Promise<AnyResult> {
  if (job.kind === 'evaluate') return evaluateModel(job, world, jobContext);
  if (job.kind === 'export') return runExport(job, world, jobContext);
  if (job.kind !== 'batch-predict') return fineTune(job, world, jobContext);
  const predictor = openPredictor(world.store, openWorkerSession, openExplainerLazily);
  try {
    return await predictBatch(job, predictor, world, jobContext);
  } finally {
    await predictor.close();
  }
}
