import type { z } from 'zod';
import { mapInOrder } from '../../concurrency.ts';
import type { CheckMessage } from '../../contracts/queue-message.ts';
import { asGraftError, errorJson, type GraftError } from '../../errors.ts';
import type { World } from '../../ports.ts';
import { readDocument } from '../../store/documents.ts';
import { isPartComplete } from '../../store/parts/completed-parts.ts';
import { hasTimeForAnother, PAUSE_SECONDS } from '../../store/parts/part-time.ts';
import { runCall } from '../../store/parts/run-call.ts';
import { checkContent } from '../checks/check-content.ts';
import { openImageChecks } from '../checks/image-checks.ts';
import { changeUpload, findUpload } from '../uploads/upload-record.ts';
import { completeImportPart, functionsOf, leaveOutPart } from './complete-import-part.ts';
import { readContents } from './content-list.ts';
import { SEGMENT_CONTENTS, type segmentDocument } from './found-checks.ts';
import { type ImportPlan, importOf, importPlanDocument } from './import-documents.ts';

/** Images in progress at once: a function waits for S3 longer than it decodes. */
const CONCURRENCY = 16;
/** The most calls of a part that may die, fail or store nothing. */
const MOST_FAILURES = 4;
/**
 * A part waits for so long after an error that may pass, and twice as long after each further one: four calls outlast seven
 * minutes in which the store is overloaded.
 */
const FIRST_RETRY_SECONDS = 60;

export interface CheckCall {
  /** Of the function's time. */
  readonly secondsLeft: () => number;
}

/**
 * Handles a message for a function that checks a part of an import. A part that is not done in time goes back on the
 * queue as a new message; a complete part is followed by the next one of its chain, and so is one that fails too often.
 * A part of an upload that is not being imported does nothing.
 * @throws retryable errors of the store and the queue; the message must then be delivered again
 */
export async function workOnImportPart(message: CheckMessage, world: World, { secondsLeft }: CheckCall): Promise<void> {
  const { store } = world;
  const { upload, part } = message;
  const keys = importOf(upload);
  if ((await findUpload(upload, store))?.state !== 'IMPORTING') return;
  if (await isPartComplete(keys, part, store)) {
    await completeImportPart(upload, part, world);
    return;
  }
  const resend = (delaySeconds: number) => functionsOf(world).send(message, { delaySeconds });
  const work = () => checkAndComplete(message, world, secondsLeft);
  const call = await runCall(keys, part, { mostFailures: MOST_FAILURES, resend, work }, world);
  if (call.state === 'resent') return;
  if (call.state === 'exhausted') {
    await leaveOutPart(upload, part, `it failed ${MOST_FAILURES} times; the last time, its function died`, world);
    return;
  }
  const { failures } = call;
  const { isComplete, hasFailed, error } = call.outcome;
  if (isComplete) return;
  if (hasFailed && failures >= MOST_FAILURES) {
    const last = error?.message ?? 'it checked nothing within the time of its function';
    await leaveOutPart(upload, part, `it failed ${failures} times; the last time: ${last}`, world);
    return;
  }
  const isInterrupted = !hasFailed && error === undefined;
  await resend(isInterrupted ? 0 : pauseAfter(error, failures));
}

/** How a call ended. */
interface CallOutcome {
  readonly isComplete: boolean;
  readonly hasFailed: boolean;
  readonly error?: GraftError;
}

async function checkAndComplete(message: CheckMessage, world: World, secondsLeft: () => number): Promise<CallOutcome> {
  const { upload, part } = message;
  const checked = { segments: 0 };
  try {
    const isComplete = await checkPart(message, world, secondsLeft, checked);
    if (isComplete) await completeImportPart(upload, part, world);
    return { isComplete, hasFailed: !isComplete && checked.segments === 0 };
  } catch (error) {
    world.log('import.part-failed', { upload, part, error: errorJson(error) });
    // A call that has stored a segment brings the part on, whatever it failed at afterwards.
    return { isComplete: false, hasFailed: checked.segments === 0, error: asGraftError(error) };
  }
}

function pauseAfter(error: GraftError | undefined, failures: number): number {
  return error?.retryable ? FIRST_RETRY_SECONDS * 2 ** Math.max(0, failures - 1) : PAUSE_SECONDS;
}

/**
 * Checks the segments of a part that are not stored.
 * @param checked counts the segments that this call stores, also if it throws
 * @returns whether all segments are stored; else the time is over
 */
async function checkPart(
  { upload, part }: CheckMessage,
  world: World,
  secondsLeft: () => number,
  checked: { segments: number },
): Promise<boolean> {
  const { store, log } = world;
  const keys = importOf(upload);
  const plan = await readDocument(store, importPlanDocument, keys.plan);
  if (plan === undefined) return false;
  const [from, to] = [part * plan.contentsOfPart, Math.min(plan.contents, (part + 1) * plan.contentsOfPart)];
  const contents = await readContents(plan.list, from, to, store);
  const checks = openImageChecks(store);
  let secondsOfLast = 0;
  for (let segment = 0; segment * SEGMENT_CONTENTS < contents.length; segment++) {
    const key = keys.checks(part, segment);
    if ((await store.head(key)) !== undefined) continue;
    const before = secondsLeft();
    if (!hasTimeForAnother(before, secondsOfLast)) return false;
    const ofSegment = contents.slice(segment * SEGMENT_CONTENTS, (segment + 1) * SEGMENT_CONTENTS);
    const made = mapInOrder(ofSegment, CONCURRENCY, async (content) => ({
      ...content,
      ...(await checkContent(content, checks, store)),
    }));
    const found: z.infer<typeof segmentDocument.schema> = [];
    for await (const one of made) found.push(one);
    await store.put(key, new TextEncoder().encode(JSON.stringify(found)));
    checked.segments++;
    secondsOfLast = before - secondsLeft();
  }
  log('import.part', { upload, part, contents: contents.length, stored: checked.segments });
  await reportProgress(upload, part, plan, world);
  return true;
}

/**
 * Writes about how many contents are checked into the record of the upload. Only the first chain does so, one part after
 * another: all functions would contend for the record.
 */
async function reportProgress(upload: string, part: number, plan: ImportPlan, world: World): Promise<void> {
  if (part % plan.functions !== 0) return;
  const done = Math.min(plan.contents, (part + plan.functions) * plan.contentsOfPart);
  await changeUpload(upload, world, (current) =>
    current.state === 'IMPORTING' ? { ...current, progress: { done, total: plan.contents } } : undefined,
  );
}
