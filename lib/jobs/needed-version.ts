import { type AnyJob, isTraining } from '../contracts/job.ts';
import { parseReference, type Reference } from '../contracts/reference.ts';

/** The model version that a job names: the backbone of a training, or what another job runs. A training may have none. */
export function neededVersion(job: AnyJob): Reference | undefined {
  if (!isTraining(job)) return { name: job.spec.name, version: `${job.spec.version}` };
  const ref = job.spec.backbone.own?.version?.ref;
  return ref === undefined ? undefined : parseReference(ref);
}
