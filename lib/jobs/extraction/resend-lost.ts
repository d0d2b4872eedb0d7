import { mapInOrder } from '../../concurrency.ts';
import type { JobAttempt, ObjectStore, World } from '../../ports.ts';
import { readDocument } from '../../store/documents.ts';
import { findUnjoined } from '../../store/parts/completed-parts.ts';
import { findNextParts } from '../../store/parts/part-chains.ts';
import type { PartName } from '../../store/parts/part-keys.ts';
import { sendExtractionPart } from './complete-extraction-part.ts';
import { extractionOf, extractionPlanDocument } from './extraction-documents.ts';

/**
 * If nothing has happened to a part for so long, its message may be lost. Longer than a call lasts, and than the message
 * of a dead function is hidden, so a part at work never counts.
 */
export const QUIET_PART_SECONDS = 600;
/** The longest pause between two messages for a part that waits in a long queue. */
const LONGEST_RESEND_PAUSE_SECONDS = 3600;
/** Parts to look at at once. */
const READ_AT_ONCE = 10;

/** A part that is next in its chain, and when something last happened to it: undefined if no object tells. */
interface WaitingPart {
  readonly part: PartName;
  readonly quietSince: Date | undefined;
}

/**
 * Sends the parts of an attempt again whose messages may be lost. A part that only waits in a long queue gets a copy,
 * which does no harm; the pauses between copies grow, so that copies do not fill the queue.
 * @param sentAt when the attempt was accepted, or this function last sent a part
 * @returns whether it sent any
 * @throws retryable errors of the store and the queue
 */
export async function resendLost(own: JobAttempt, sentAt: Date, world: World): Promise<boolean> {
  const now = world.clock.now();
  const waiting = await findWaiting(own, world.store);
  const lost = waiting.filter(({ quietSince = sentAt }) => isDueAgain(quietSince, sentAt, now)).map(({ part }) => part);
  for (const part of lost) await sendExtractionPart(own, part, world);
  if (lost.length > 0) world.log('extraction.resent', { ...own, parts: lost });
  return lost.length > 0;
}

function isDueAgain(quietSince: Date, sentAt: Date, now: Date): boolean {
  const waited = secondsBetween(quietSince > sentAt ? quietSince : sentAt, now);
  return waited >= Math.min(Math.max(QUIET_PART_SECONDS, secondsBetween(quietSince, sentAt)), LONGEST_RESEND_PAUSE_SECONDS);
}

async function findWaiting(own: JobAttempt, store: ObjectStore): Promise<WaitingPart[]> {
  const keys = extractionOf(own);
  const plan = await readDocument(store, extractionPlanDocument, keys.plan);
  // The call that divides also ends an extraction without parts.
  if (plan === undefined || plan.parts === 0)
    return [{ part: 'plan', quietSince: (await store.head(keys.calls('plan')))?.modifiedAt }];
  const dividedAt = (await store.head(keys.plan))?.modifiedAt;
  const nextParts = await findNextParts(keys, plan, store);
  const timed = mapInOrder(nextParts, READ_AT_ONCE, async ({ part, since }) => ({
    part,
    quietSince: (await store.head(keys.calls(part)))?.modifiedAt ?? since ?? dividedAt,
  }));
  const waiting: WaitingPart[] = [];
  for await (const next of timed) waiting.push(next);
  if (waiting.length > 0) return waiting;
  // All parts are complete, and a function has died before it did the rest.
  const unjoined = await findUnjoined(keys, plan.parts, store);
  return (unjoined.length > 0 ? unjoined : [0]).map((part) => ({ part, quietSince: undefined }));
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1000;
}
