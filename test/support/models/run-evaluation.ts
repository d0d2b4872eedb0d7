import type { EvaluateJob, EvaluateResult } from '../../../lib/contracts/job.ts';
import { evaluateModel } from '../../../lib/inference/evaluate-model.ts';
import type { World } from '../../../lib/ports.ts';

/** Runs an evaluation job to its end in this process. */
export function runEvaluation(spec: EvaluateJob['spec'], world: World): Promise<EvaluateResult> {
  const at = world.clock.now().toISOString();
  const id = 'job-000000000-0000000000';
  const job: EvaluateJob = { id, kind: 'evaluate', state: 'RUNNING', createdAt: at, updatedAt: at, attempt: 1, spec };
  const { signal } = new AbortController();
  return evaluateModel(job, world, {
    report: () => {},
    flush: async () => {},
    beginPublishing: async (publication) => publication,
    signal,
  });
}
