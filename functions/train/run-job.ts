import type { AnyJob, AnyResult } from '../../lib/contracts/job.ts';
import { fineTune } from '../../lib/fine-tune.ts';
import { evaluateModel } from '../../lib/jobs/evaluate-model.ts';
import { predictBatch } from '../../lib/jobs/predict-batch.ts';
import type { Watch } from '../../lib/jobs/work-on-job.ts';
import { openPredictor } from '../../lib/models/predictor.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';
import type { World } from '../../lib/ports.ts';

/** Does what a job of its kind wants. */
export async function runJob(job: AnyJob, watch: Watch, world: World): Promise<AnyResult> {
  if (job.kind === 'evaluate') return evaluateModel(job, world, watch);
  if (job.kind !== 'batch-predict') return fineTune(job, world, watch);
  const predictor = openPredictor(world.store, openWorkerSession);
  try {
    return await predictBatch(job, predictor, world, watch);
  } finally {
    await predictor.close();
  }
}
