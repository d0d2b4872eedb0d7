import { hasEnded } from '../lib/contracts/has-ended.ts';
import { type AnyJob, JobProgress } from '../lib/contracts/job.ts';
import type { JobEvent } from '../lib/contracts/job-event.ts';

const STAGES = JobProgress.shape.stage.options;
type Stage = (typeof STAGES)[number];
/** Those of every training. */
const EXPECTED: readonly Stage[] = ['prepare', 'features', 'train', 'evaluate', 'publish'];

/** What of a job decides about its stages. */
interface StagedJob {
  readonly kind?: AnyJob['kind'];
  readonly state: AnyJob['state'];
  readonly progress?: AnyJob['progress'];
}

interface ShownStage {
  readonly stage: Stage;
  /** Empty for a stage that has not begun, or in which the job was cancelled. */
  readonly look: 'done' | 'now' | 'failed' | '';
}

/**
 * The stages of a job in their order, and how each stands. The stage that began last counts, whatever an earlier attempt
 * had reached.
 */
export function stagesOf(job: StagedJob, events: readonly JobEvent[]): readonly ShownStage[] {
  const begun = events.flatMap((event) => (event.type === 'stage' ? [event.stage] : []));
  const isTraining = job.kind === undefined || job.kind === 'train';
  const stages = isTraining ? STAGES.filter((stage) => begun.includes(stage) || EXPECTED.includes(stage)) : [...new Set(begun)];
  const isOver = hasEnded(job);
  const last = (isOver ? undefined : job.progress?.stage) ?? begun.at(-1);
  const at = last === undefined ? -1 : stages.indexOf(last);
  const ofLast = !isOver ? 'now' : job.state === 'FAILED' ? 'failed' : '';
  return stages.map((stage, index) => ({
    stage,
    look: job.state === 'SUCCEEDED' || index < at ? 'done' : index === at ? ofLast : '',
  }));
}
