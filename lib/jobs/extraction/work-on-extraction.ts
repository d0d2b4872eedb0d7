import { createHash } from 'node:crypto';
import type { AnyJob, JobRecord } from '../../contracts/job.ts';
import { isTraining } from '../../contracts/job.ts';
import type { ExtractMessage } from '../../contracts/queue-message.ts';
import { errorJson } from '../../errors.ts';
import type { JobAttempt, World } from '../../ports.ts';
import { createDocument, readDocument } from '../../store/documents.ts';
import { isPartComplete } from '../../store/parts/completed-parts.ts';
import { CALL_SECONDS, MAX_FAILURES } from '../../store/parts/part-calls.ts';
import { beginChains } from '../../store/parts/part-chains.ts';
import type { PartName } from '../../store/parts/part-keys.ts';
import { hasTimeForAnother, PAUSE_SECONDS } from '../../store/parts/part-time.ts';
import { runCall } from '../../store/parts/run-call.ts';
import { workOnPart } from '../work-on-part.ts';
import { allowedSeconds, tooExpensive } from './allowed-seconds.ts';
import {
  completeExtractionPart,
  continueWithTraining,
  extractionsOf,
  readPlan,
  sendExtractionPart,
} from './complete-extraction-part.ts';
import { type ExtractionPlan, extractionOf, extractionPlanDocument } from './extraction-documents.ts';
import { extractionEnded } from './extraction-ended.ts';

/** What a call computes. */
export interface ExtractionWork {
  /** The kind of processor that computes: one attempt never mixes kinds. */
  readonly processor: string;
  /** Lists the images whose features the store lacks, and builds the trunk. */
  readonly list: (job: JobRecord, signal: AbortSignal) => Promise<ListedImages>;
  /** Computes the features of a part, in shards. */
  readonly extract: (job: JobRecord, part: PartImages, call: PartCall) => Promise<PartOutcome>;
}

export interface ListedImages {
  /** Key of the trunk. */
  readonly trunk: string;
  /** SHA-256 of each image, 32 bytes, sorted. */
  readonly images: Uint8Array;
  /** Images of a part: whole shards. */
  readonly imagesOfPart: number;
}

export interface PartImages {
  readonly trunk: string;
  /** SHA-256 of each image. */
  readonly images: readonly string[];
}

export interface PartCall {
  readonly signal: AbortSignal;
  /** Whether there is time for another shard. @param secondsOfLast of the last shard; 0 for the first */
  readonly mayStart: (secondsOfLast: number) => boolean;
}

export interface PartOutcome {
  readonly isComplete: boolean;
  /** Whether this call has stored a shard. */
  readonly hasStored: boolean;
}

/** The function that handles a message. */
export interface FunctionCall {
  /** Of the function's time. */
  readonly secondsLeft: () => number;
  /** Where somebody finds why a function died. */
  readonly log: string;
}

/** How a call ended. */
type CallOutcome =
  /** `unwanted` if its attempt is no longer the current one or its job has ended, `refused` for another kind of processor. */
  { readonly is: 'complete' | 'continued' | 'refused' | 'unwanted' } | { readonly is: 'failed'; readonly why: string };

const HASH_BYTES = 32;
/** So many refusals of a part in a row end its attempt: functions of that kind are no longer there. */
export const MOST_REFUSALS = 50;

/**
 * Handles a message for a function that extracts features: divides the images of an attempt into parts, or computes one
 * part. A part that is not done in time goes back on the queue as a new message, like a part that other functions must
 * compute, because they have the kind of processor that divided the images; a complete part is followed by the next one
 * of its chain. The call that completes the last part sends the job to its training. An error that no retry can fix
 * fails the job.
 * @throws retryable errors of the store and the queue; the message must then be delivered again
 */
export async function workOnExtraction(
  message: ExtractMessage,
  work: ExtractionWork,
  world: World,
  { secondsLeft, log: logName }: FunctionCall,
): Promise<void> {
  const { refusals = 0, ...unrefused } = message;
  const { job, attempt, part = 'plan' } = message;
  const own = { job, attempt };
  const keys = extractionOf(own);
  if (part !== 'plan' && (await isPartComplete(keys, part, world.store))) {
    await completeExtractionPart(own, part, world);
    return;
  }
  const call = await runCall(
    keys,
    part,
    {
      mostFailures: MAX_FAILURES,
      resend: (delaySeconds) => extractionsOf(world).send(message, { delaySeconds }),
      work: async (secondsBefore) => {
        const outcome = await divideOrCompute({ own, part, work, world, secondsLeft, secondsBefore });
        return { ...outcome, hasFailed: outcome.is === 'failed' };
      },
    },
    world,
  );
  if (call.state === 'resent') return;
  if (call.state === 'exhausted') {
    const why = `the last time, its function died, for instance because its memory or its time was over: ${logName} says more`;
    await extractionEnded(own, `${failedTimes(part)}; ${why}`, world);
    return;
  }
  const { outcome, failures } = call;
  if (outcome.is === 'continued') await extractionsOf(world).send(unrefused);
  if (outcome.is === 'refused') await leaveToOthers({ ...unrefused, refusals: refusals + 1 }, work, world);
  if (outcome.is !== 'failed') return;
  if (failures >= MAX_FAILURES) await extractionEnded(own, `${failedTimes(part)}; the last time: ${outcome.why}`, world);
  else await extractionsOf(world).send(message, { delaySeconds: PAUSE_SECONDS });
}

const never = new AbortController().signal;
const failedTimes = (part: PartName) => `part ${part} of its features failed ${MAX_FAILURES} times`;

interface BegunCall {
  readonly own: JobAttempt;
  readonly part: PartName;
  readonly work: ExtractionWork;
  readonly world: World;
  readonly secondsLeft: () => number;
  readonly secondsBefore: number;
}

/** Divides the images, or computes a part, while the attempt is the current one. */
async function divideOrCompute({ own, part, work, world, ...times }: BegunCall): Promise<CallOutcome> {
  const run = async (record: AnyJob, signal: AbortSignal): Promise<CallOutcome> => {
    if (!isTraining(record)) return { is: 'unwanted' };
    if (part !== 'plan') return computePart({ own, part, record, signal, work, world, ...times });
    await divide(own, record, signal, work, world);
    return { is: 'complete' };
  };
  try {
    return (await workOnPart(own, run, world, never)) ?? { is: 'unwanted' };
  } catch (error) {
    world.log('extraction.failed', { ...own, part, error: errorJson(error) });
    return { is: 'failed', why: errorJson(error).message.replace(/\.$/, '') };
  }
}

/** Divides the images into parts, once for each attempt, and sends the first part of each chain. */
async function divide(own: JobAttempt, job: JobRecord, signal: AbortSignal, work: ExtractionWork, world: World): Promise<void> {
  const { store, log } = world;
  const keys = extractionOf(own);
  let plan = await readDocument(store, extractionPlanDocument, keys.plan);
  if (plan === undefined) {
    const { trunk, images, imagesOfPart } = await work.list(job, signal);
    const list = keys.list(createHash('sha256').update(images).digest('hex'));
    await store.put(list, images);
    const count = images.length / HASH_BYTES;
    const parts = Math.ceil(count / imagesOfPart);
    const secondsOfPart = await allowedSeconds(own, job, parts, world);
    const functions = job.estimate?.functions ?? 1;
    const made = {
      trunk,
      list,
      processor: work.processor,
      images: count,
      imagesOfPart,
      parts,
      functions,
      ...(secondsOfPart !== undefined && { secondsOfPart }),
    };
    await createDocument(store, extractionPlanDocument, keys.plan, made);
    // A concurrent call may have been first, and its parts may have begun.
    plan = await readPlan(own, world);
    log('extraction.planned', { ...own, ...plan });
  }
  if (plan.parts === 0) await continueWithTraining(own, world);
  else await beginChains(keys, plan, (part) => sendExtractionPart(own, part, world), store, signal);
}

interface ComputedPart extends BegunCall {
  readonly part: number;
  readonly record: JobRecord;
  readonly signal: AbortSignal;
}

async function computePart(computed: ComputedPart): Promise<CallOutcome> {
  const { own, part, record, signal, work, world, secondsLeft, secondsBefore: earlier } = computed;
  const plan = await readPlan(own, world);
  if (plan.processor !== undefined && plan.processor !== work.processor) return { is: 'refused' };
  const { secondsOfPart = Number.POSITIVE_INFINITY, trunk } = plan;
  const allowed = secondsOfPart - earlier;
  if (allowed <= 0) throw tooExpensive(own, part);
  const overspent = new AbortController();
  // No call takes longer than its function.
  const endsEarly = allowed < CALL_SECONDS;
  const timer = endsEarly ? setTimeout(() => overspent.abort(tooExpensive(own, part)), allowed * 1000) : undefined;
  try {
    const images = await readImages(plan, part, world);
    const { isComplete, hasStored } = await work.extract(
      record,
      { trunk, images },
      {
        signal: AbortSignal.any([signal, overspent.signal]),
        mayStart: (secondsOfLast) => hasTimeForAnother(secondsLeft(), secondsOfLast),
      },
    );
    if (!isComplete && hasStored) return { is: 'continued' };
    if (!isComplete) return { is: 'failed', why: 'it stored nothing within the time of its function' };
  } finally {
    clearTimeout(timer);
  }
  await completeExtractionPart(own, part, world);
  return { is: 'complete' };
}

/** Leaves a part to functions with another kind of processor. Without any, another attempt divides the images again. */
async function leaveToOthers(
  message: ExtractMessage & { readonly refusals: number },
  { processor }: ExtractionWork,
  world: World,
): Promise<void> {
  const { job, attempt, part, refusals } = message;
  world.log('extraction.refused', { job, attempt, part, processor, refusals });
  if (refusals < MOST_REFUSALS) {
    await extractionsOf(world).send(message, { delaySeconds: PAUSE_SECONDS });
    return;
  }
  const why = `part ${part} of its features found no function with the same kind of processor as the others`;
  await extractionEnded({ job, attempt }, why, world);
}

async function readImages({ list, images, imagesOfPart }: ExtractionPlan, part: number, { store }: World): Promise<string[]> {
  const [from, to] = [part * imagesOfPart, Math.min(images, (part + 1) * imagesOfPart)];
  const bytes = await store.getRange(list, from * HASH_BYTES, to * HASH_BYTES);
  const hex = Buffer.from(bytes).toString('hex');
  return Array.from({ length: to - from }, (_, image) => hex.slice(image * 2 * HASH_BYTES, (image + 1) * 2 * HASH_BYTES));
}
