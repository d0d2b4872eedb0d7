import { hasEnded } from '../../../../lib/contracts/has-ended.ts';
import type { AnyJob } from '../../../../lib/contracts/job.ts';
import type { ModelRecord } from '../../../../lib/contracts/model-record.ts';
import type { ModelVersion } from '../../../../lib/contracts/model-version.ts';
import { FEATURES_EXTRACTED, isPublishing, MAX_ATTEMPTS } from '../../../../lib/jobs/attempt-limits.ts';
import type { ExtractionPlan } from '../../../../lib/jobs/extraction/extraction-documents.ts';
import { activeMark } from '../../../../lib/jobs/job-store.ts';
import { digestOf } from '../../../../lib/models/served-package.ts';
import type { Objects } from '../simulated-store.ts';

/** Watches the records of jobs and models: what may never be, at no moment. */
export class JobInvariants {
  readonly violations: string[] = [];
  readonly #objects: Objects;
  readonly #jobs = new Map<string, AnyJob>();
  readonly #models = new Map<string, ModelRecord>();
  readonly #publishers = new Map<string, number>();

  readonly #featuresOf: (job: AnyJob) => readonly (readonly string[])[];

  /** @param featuresOf keys of the features that functions extract for a job, for each kind of processor */
  constructor(objects: Objects, featuresOf: (job: AnyJob) => readonly (readonly string[])[] = () => []) {
    this.#objects = objects;
    this.#featuresOf = featuresOf;
  }

  /** Checks what a change of an object may have broken. */
  check(key: string): void {
    if (key.startsWith('jobs/')) this.#checkJob(read<AnyJob>(this.#objects, key));
    if (key.startsWith('extractions/')) this.#checkChains(key);
    if (key.startsWith('registry/')) this.#checkModel(read<ModelRecord>(this.#objects, key));
    if (key.startsWith('models/')) this.#checkCards();
  }

  jobs(): AnyJob[] {
    return [...this.#jobs.values()];
  }

  /** The attempt that recorded the version which its job publishes; infinite if none has. */
  publisherOf({ id }: AnyJob): number {
    return this.#publishers.get(id) ?? Number.POSITIVE_INFINITY;
  }

  /** The versions of a job in its model's record. */
  versionsOf({ id, spec }: AnyJob): number[] {
    const versions = this.#models.get('name' in spec ? `${spec.name}` : '')?.versions ?? [];
    return versions.filter(({ job }) => job === id).map(({ version }) => version);
  }

  #checkJob(job: AnyJob | undefined): void {
    if (job === undefined) return void this.violations.push('a job lost its record');
    const before = this.#jobs.get(job.id);
    this.#jobs.set(job.id, job);
    if (isPublishing(job) && !this.#publishers.has(job.id)) this.#publishers.set(job.id, job.attempt);
    const say = (what: string) => this.violations.push(`${job.id} ${what}`);
    if (before !== undefined && hasEnded(before) && before.state !== job.state) say(`ended ${before.state}, then ${job.state}`);
    if (before !== undefined && job.attempt - before.attempt > 1) say(`went from attempt ${before.attempt} to ${job.attempt}`);
    if (before !== undefined && job.attempt < before.attempt) say(`went back to attempt ${job.attempt}`);
    const versions = this.versionsOf(job);
    if (job.state === 'CANCELLED' && versions.length > 0) say(`was cancelled, and published version ${versions}`);
    if (job.state === 'FAILED' && versions.length > 0) say(`failed (${job.error?.code}), and published version ${versions}`);
    const told = job.result !== undefined && 'version' in job.result ? job.result.version : undefined;
    if (job.state === 'SUCCEEDED' && told !== versions[0]) say(`succeeded with version ${told}, and published ${versions}`);
    if (job.state === 'SUBMITTED' && job.history?.at(-1)?.code === FEATURES_EXTRACTED) {
      const lost = this.#featuresOf(job).map((keys) => keys.filter((key) => !this.#objects.has(key)).length);
      if (lost.length > 0 && !lost.includes(0)) say(`goes to its training without ${lost.join(' or ')} shards of one kind`);
    }
    if (job.error?.code === 'ATTEMPTS_EXHAUSTED' && job.attempt < MAX_ATTEMPTS) say(`failed after ${job.attempt} attempts`);
  }

  /** Functions work on at most so many parts of an attempt at once as its plan says. */
  #checkChains(key: string): void {
    const [attempt] = /^extractions\/[^/]+\/\d+\//.exec(key) ?? [];
    const plan = read<ExtractionPlan>(this.#objects, `${attempt}plan.json`);
    if (plan === undefined || !key.includes('/calls/')) return;
    const isInProgress = (part: number) =>
      this.#objects.has(`${attempt}calls/${part}.json`) && !this.#objects.has(`${attempt}done/0-${part}`);
    const inProgress = Array.from({ length: plan.parts }, (_, part) => part).filter(isInProgress);
    if (inProgress.length > plan.functions) this.violations.push(`${attempt} has ${inProgress.length} parts in progress`);
  }

  /** A published package never changes. */
  #checkCards(): void {
    for (const { name, versions } of this.#models.values())
      for (const published of versions)
        if (!this.#hasCard(published)) this.violations.push(`${name} has version ${published.version} with another card`);
  }

  #hasCard({ package: prefix, cardDigest }: ModelVersion): boolean {
    const card = this.#objects.get(`${prefix}card.json`)?.body;
    return card !== undefined && digestOf(card) === cardDigest;
  }

  #checkModel(model: ModelRecord | undefined): void {
    if (model === undefined) return void this.violations.push('a model lost its record');
    const before = this.#models.get(model.name);
    this.#models.set(model.name, model);
    const say = (what: string) => this.violations.push(`${model.name} ${what}`);
    const known = before?.versions ?? [];
    const kept = model.versions.slice(0, known.length);
    if (JSON.stringify(kept) !== JSON.stringify(known)) say('lost or changed a version');
    for (const published of model.versions.slice(known.length)) {
      const { version, job, package: prefix } = published;
      if (version !== model.versions.length) say(`has version ${version} in place ${model.versions.length}`);
      if (model.versions.filter((other) => other.job === job).length > 1) say(`has two versions of ${job}`);
      if (!this.#objects.has(`${prefix}result.json`)) say(`has version ${version} without its package`);
      if (!this.#hasCard(published)) say(`has version ${version} with another card`);
      if (!mayPublish(this.#jobs.get(job), prefix)) say(`has a version of ${job}, which is ${this.#jobs.get(job)?.state}`);
    }
    if (model.aliases.latest !== model.versions.length) say(`has latest ${model.aliases.latest} of ${model.versions.length}`);
    for (const [alias, moves] of Object.entries(model.history ?? {})) {
      const last = moves.at(-1);
      const from = before?.aliases[alias] ?? null;
      const grown = moves.length > (before?.history?.[alias]?.length ?? 0);
      if (grown && last?.from !== from) say(`moved ${alias} from ${last?.from}, which was at ${from}`);
      if (last?.to !== model.aliases[alias]) say(`has ${alias} at ${model.aliases[alias]}, and moved it to ${last?.to}`);
    }
  }
}

/**
 * Whether a job may have this version: it has recorded it, and has not ended. A worker that was replaced meanwhile may
 * be the one that publishes it, because any later attempt would publish the same.
 */
function mayPublish(job: AnyJob | undefined, prefix: string): boolean {
  return job !== undefined && !hasEnded(job) && 'publishing' in job && job.publishing?.package === prefix;
}

/** What is wrong when all has come to rest. */
export function unfinished(
  invariants: JobInvariants,
  objects: Objects,
  { acknowledged, webhooks }: { readonly acknowledged: ReadonlySet<string>; readonly webhooks: ReadonlySet<string> },
): string[] {
  const jobs = invariants.jobs();
  const lost = [...acknowledged]
    .filter((id) => !jobs.some((job) => job.id === id))
    .map((id) => `${id} was acknowledged, and is lost`);
  const left = jobs.flatMap((job) => {
    if (!hasEnded(job)) return [`${job.id} is ${job.state} for ever`];
    if (objects.has(activeMark(job.id))) return [`${job.id} is ${job.state}, and its mark is left`];
    if (job.state === 'SUCCEEDED' && invariants.versionsOf(job).length !== 1) return [`${job.id} has no version`];
    return webhooks.has(job.id) ? [] : [`the webhook of ${job.id} was never sent`];
  });
  return [...lost, ...left];
}

export function read<Value>(objects: Objects, key: string): Value | undefined {
  const body = objects.get(key)?.body;
  return body && (JSON.parse(new TextDecoder().decode(body)) as Value);
}
