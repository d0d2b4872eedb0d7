import { createHash } from 'node:crypto';
import type { JobEstimate } from '../../../../lib/contracts/compute.ts';
import { type AnyJob, isTraining, type JobRecord } from '../../../../lib/contracts/job.ts';
import { RuntimeError } from '../../../../lib/errors.ts';
import { functionSecondsOf } from '../../../../lib/estimates/cost-shares.ts';
import { functionDollarsPerSecond } from '../../../../lib/estimates/function-price.ts';
import type { ExtractionWork } from '../../../../lib/jobs/extraction/work-on-extraction.ts';
import type { World } from '../../../../lib/ports.ts';

/** Features that functions extract: so many shards of so many seconds. A shard has one image. */
export interface PlannedExtraction {
  readonly shards: number;
  readonly shardSeconds: number;
  /** Function seconds that its limit of cost allows. Without it, the job has no limit. */
  readonly allowedSeconds?: number | undefined;
  /** Seconds of its machine that the limit allows, starts and requests included. Default: 4500, a dollar. */
  readonly trainingSeconds?: number | undefined;
  /** `memory`: each function fails at the end of its first shard, as one that needs more memory. Default: `none`. */
  readonly failure?: 'none' | 'memory';
}

/** An estimate, and the limit of cost that goes with it. */
export interface LimitedEstimate {
  readonly estimate: JobEstimate;
  readonly maxCost?: number;
}

const SHARDS_OF_PART = 2;
/** The real work checks after each batch of images whether it should end. */
const BATCH_SECONDS = 4;
const DOLLARS_PER_HOUR = 0.8;
const START_SECONDS = 60;
const REQUEST_DOLLARS = 0.002;

/** An estimate with functions. */
export function estimateOf({ allowedSeconds, trainingSeconds = 4500 }: PlannedExtraction): LimitedEstimate {
  const features = (allowedSeconds ?? 0) * functionDollarsPerSecond;
  const { estimate, maxCost } = machineEstimate(trainingSeconds);
  const dollars = features + maxCost;
  const parts: JobEstimate['parts'] = [{ part: 'extraction', seconds: 500, dollars: features }, ...estimate.parts];
  return { estimate: { ...estimate, functions: 2, dollars, parts }, ...(allowedSeconds !== undefined && { maxCost: dollars }) };
}

/** The estimate of a job whose machine extracts the features itself, and may cost so many seconds. */
export function machineEstimate(seconds: number): Required<LimitedEstimate> {
  const dollarsOf = (part: number) => (part * DOLLARS_PER_HOUR) / 3600;
  const estimate: JobEstimate = {
    target: 'gpu',
    seconds: 1000,
    dollars: dollarsOf(seconds),
    dollarsPerHour: DOLLARS_PER_HOUR,
    parts: [
      { part: 'start', seconds: START_SECONDS, dollars: dollarsOf(START_SECONDS) },
      { part: 'requests', seconds: 0, dollars: REQUEST_DOLLARS },
    ],
    reason: 'planned',
  };
  return { estimate, maxCost: dollarsOf(seconds) };
}

/** Kinds of processors of functions. */
export type Processor = (typeof PROCESSORS)[number];
const PROCESSORS = ['avx512', 'avx2'] as const;

/** Keys of all features of a job, as each kind of processor stores them; retries of a job share them. */
export function featureKeys(job: AnyJob, { shards }: PlannedExtraction): string[][] {
  return PROCESSORS.map((processor) => imagesOf(job, shards).map((image) => keyOf(job, processor, image)));
}

function imagesOf(job: AnyJob, shards: number): string[] {
  return Array.from({ length: shards }, (_, shard) =>
    createHash('sha256')
      .update(`${seedOf(job)} ${shard}`)
      .digest('hex'),
  );
}

const keyOf = (job: AnyJob, processor: Processor, image: string): string => `features/${seedOf(job)}/${processor}-${image}`;
const seedOf = (job: AnyJob): number => (isTraining(job) ? job.spec.training.seed : 0);

/** What all calls together have computed. */
export class ExtractionCounts {
  readonly violations: string[] = [];
  /** Shards that were begun, stored or not. */
  computed = 0;
  readonly #times = new Map<string, number>();
  readonly #seconds = new Map<string, number>();
  /** Calls that computed, of each job. */
  readonly #calls = new Map<string, number>();

  beginCall({ id }: JobRecord): void {
    this.#calls.set(id, (this.#calls.get(id) ?? 0) + 1);
  }

  beginShard({ id, attempt }: JobRecord, image: string): void {
    const key = `${id}, attempt ${attempt}, shard ${image.slice(0, 6)}`;
    const times = (this.#times.get(key) ?? 0) + 1;
    this.#times.set(key, times);
    this.computed++;
    if (times > 2) this.violations.push(`${key} was computed ${times} times`);
  }

  addSeconds(job: JobRecord, seconds: number): void {
    const sum = (this.#seconds.get(job.id) ?? 0) + seconds;
    this.#seconds.set(job.id, sum);
    const allowed = functionSecondsOf(job.spec.compute, job.estimate) ?? Number.POSITIVE_INFINITY;
    if (sum > allowed + this.#batches(job.id)) this.violations.push(`${job.id} extracted for ${sum} s of ${allowed}`);
  }

  /** What functions have worked for a job, and how much longer they may work to the end of a batch, in seconds. */
  workedFor({ id }: AnyJob): { readonly seconds: number; readonly batches: number } {
    return { seconds: this.#seconds.get(id) ?? 0, batches: this.#batches(id) };
  }

  /** A call ends with its batch. */
  #batches(id: string): number {
    return (this.#calls.get(id) ?? 0) * BATCH_SECONDS;
  }
}

/** Extracts as functions/extract/extraction-work.ts does, without any image. */
export function simulatedExtraction(
  planOf: (job: AnyJob) => PlannedExtraction,
  counts: ExtractionCounts,
  { store, clock }: World,
  processor: Processor,
): ExtractionWork {
  const missingOf = async (job: JobRecord, kind: Processor) => {
    const images = imagesOf(job, planOf(job).shards);
    const heads = await Promise.all(images.map((image) => store.head(keyOf(job, kind, image))));
    return images.filter((_, index) => heads[index] === undefined);
  };
  return {
    processor,
    async list(job) {
      const stored = await Promise.all(PROCESSORS.map((kind) => missingOf(job, kind)));
      const missing = stored.some(({ length }) => length === 0) ? [] : (stored[PROCESSORS.indexOf(processor)] ?? []);
      return { trunk: 'trunk', images: Buffer.from(missing.join(''), 'hex'), imagesOfPart: SHARDS_OF_PART };
    },
    async extract(job, { images }, { signal, mayStart }) {
      const { shardSeconds, failure } = planOf(job);
      counts.beginCall(job);
      let hasStored = false;
      let secondsOfLast = 0;
      for (const image of images) {
        if ((await store.head(keyOf(job, processor, image))) !== undefined) continue;
        if (!mayStart(secondsOfLast)) return { isComplete: false, hasStored };
        counts.beginShard(job, image);
        for (let left = shardSeconds; left > 0; left -= BATCH_SECONDS) {
          const seconds = Math.min(left, BATCH_SECONDS);
          counts.addSeconds(job, seconds);
          await clock.sleep?.(seconds * 1000);
          signal.throwIfAborted();
        }
        if (failure === 'memory') throw new RuntimeError('MEMORY_EXHAUSTED', { at: job.id, retryable: true });
        await store.put(keyOf(job, processor, image), new Uint8Array([1]));
        hasStored = true;
        secondsOfLast = shardSeconds;
      }
      return { isComplete: true, hasStored };
    },
  };
}
