/**
 * Ensures that a job publishes at most one version. The version is first recorded in the job's record by a
 * compare-and-swap, which succeeds only for the current attempt of an active job. From then on, the job cannot be
 * cancelled, and a later attempt publishes the recorded version.
 */
import type { JobRecord, JobResult } from '../contracts/job.ts';
import type { ModelVersion, Publication } from '../contracts/model-version.ts';
import type { ObjectStore } from '../ports.ts';
import { readResult } from './model-package.ts';
import { publishedBy, publishVersion } from './registry.ts';

/**
 * Records a version in the job.
 * @returns the recorded version: another one if another worker was faster
 * @throws ConflictError ATTEMPT_REPLACED if the attempt may no longer publish
 */
export type BeginPublishing = (publication: Publication) => Promise<Publication>;

/**
 * Publishes a complete package, or the one that the job has recorded before.
 * @throws ConflictError ATTEMPT_REPLACED
 */
export async function publishPackage(
  { id, spec }: JobRecord,
  publication: Publication,
  store: ObjectStore,
  beginPublishing: BeginPublishing,
): Promise<ModelVersion> {
  const recorded = await beginPublishing(publication);
  return publishVersion(spec.name, { ...recorded, job: id }, store);
}

/**
 * Completes the publication of an earlier attempt, if its version is in the registry or recorded in the job.
 * @returns undefined if no attempt has started to publish
 * @throws NotFoundError MODEL_PACKAGE_MISSING if the version was deleted meanwhile
 */
export async function finishPublication({ id, spec, publishing }: JobRecord, store: ObjectStore): Promise<JobResult | undefined> {
  const published = await publishedBy(spec.name, id, store);
  const begun = published ?? publishing;
  if (begun === undefined) return undefined;
  const result = await readResult(begun.package, store);
  const { version, package: prefix } = published ?? (await publishVersion(spec.name, { ...begun, job: id }, store));
  return { ...result, version, package: prefix };
}
