/**
 * How a job publishes at most one version, whatever its workers do: the version is recorded in the job's record first,
 * by a compare-and-swap that only the current attempt of a job that has not ended passes. From then on the job cannot
 * be cancelled, and a later attempt publishes what the record says.
 */
import type { JobRecord, JobResult } from '../contracts/job.ts';
import type { ModelVersion, Publication } from '../contracts/model-version.ts';
import type { ObjectStore } from '../ports.ts';
import { readResult } from './model-package.ts';
import { publishedBy, publishVersion } from './registry.ts';

/** Records a version in the job. @throws ConflictError ATTEMPT_REPLACED where the attempt may no longer publish */
export type BeginPublishing = (publication: Publication) => Promise<void>;

/** Publishes a package that is complete. @throws ConflictError ATTEMPT_REPLACED */
export async function publishPackage(
  { id, spec }: JobRecord,
  publication: Publication,
  store: ObjectStore,
  beginPublishing: BeginPublishing,
): Promise<ModelVersion> {
  await beginPublishing(publication);
  return publishVersion(store, spec.name, { ...publication, job: id });
}

/**
 * Finishes what an earlier attempt began: its version is in the registry, or the job's record says that it is to be.
 * @returns undefined where no attempt has come so far
 * @throws NotFoundError MODEL_PACKAGE_MISSING where the version was deleted since
 */
export async function finishPublication({ id, spec, publishing }: JobRecord, store: ObjectStore): Promise<JobResult | undefined> {
  const published = await publishedBy(store, spec.name, id);
  const begun = published ?? publishing;
  if (begun === undefined) return undefined;
  const result = await readResult(store, begun.package);
  const { version, package: prefix } = published ?? (await publishVersion(store, spec.name, { ...begun, job: id }));
  return { ...result, version, package: prefix };
}
