import type { AnyJob, AnyResult, BatchPredictJob } from '../../lib/contracts/job.ts';
import type { JobContext } from '../../lib/jobs/work-on-job.ts';
import type { World } from '../../lib/ports.ts';

/** Runs a job: training, batch prediction, evaluation or export. Loads only the modules of its kind, so that it starts sooner. */
export async function runJob(job: AnyJob, jobContext: JobContext, world: World): Promise<AnyResult> {
  if (job.kind === 'evaluate') {
    const { evaluateModel } = await import('../../lib/inference/evaluate-model.ts');
    return evaluateModel(job, world, jobContext);
  }
  if (job.kind === 'export') {
    const { runExport } = await import('../../lib/model-exports/run-export.ts');
    return runExport(job, world, jobContext);
  }
  if (job.kind === 'batch-predict') return runBatch(job, jobContext, world);
  const { fineTune } = await import('../../lib/fine-tune.ts');
  return fineTune(job, world, jobContext);
}

async function runBatch(job: BatchPredictJob, jobContext: JobContext, world: World): Promise<AnyResult> {
  const { openExplainerLazily } = await import('../../lib/explanation/lazy-explainer.ts');
  const { predictBatch } = await import('../../lib/inference/predict-batch.ts');
  const { openPredictor } = await import('../../lib/inference/predictor.ts');
  const { openWorkerSession } = await import('../../lib/onnx/worker-session.ts');
  const predictor = openPredictor(world.store, openWorkerSession, openExplainerLazily);
  try {
    return await predictBatch(job, predictor, world, jobContext);
  } finally {
    await predictor.close();
  }
}
