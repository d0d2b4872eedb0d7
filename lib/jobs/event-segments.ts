/**
 * The segments of the events of an attempt. Only this attempt writes them; the last segment is rewritten as it grows. A
 * replaced worker writes only to the segments of its own attempt. Each worker of an attempt begins with a new segment,
 * so that any segment may have fewer events than fit.
 */
import { z } from 'zod';
import { JobEvent } from '../contracts/job-event.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';

/** The most events of a segment, which is read and written as a whole. */
export const SEGMENT_EVENTS = 200;

/** An event of any version of Graft. */
const AnyEvent = z.looseObject({ type: z.string() });

/** An event that only a newer Graft can read becomes undefined. */
const Segment = z.array(z.preprocess((event) => (isOfNewerVersion(event) ? undefined : event), JobEvent.optional()));

/**
 * Reads the events of a segment. A newer Graft may have written them: keys that this one does not know are ignored.
 * @returns the events at their positions, which cursors count; undefined for one with an unknown type, stage or other value
 * @throws RuntimeError DOCUMENT_UNREADABLE
 */
export async function readSegment(key: string, store: ObjectStore): Promise<(JobEvent | undefined)[]> {
  const object = await store.get(key);
  return object === undefined ? [] : decodeDocument(Segment, key, object.body).value;
}

/** A newer version adds types, and values such as stages. A member that is missing or of another JSON type is damaged. */
function isOfNewerVersion(event: unknown): boolean {
  if (!AnyEvent.safeParse(event).success) return false;
  const { error } = JobEvent.safeParse(event);
  const misfits = error?.issues.filter(({ code }) => code !== 'unrecognized_keys') ?? [];
  return misfits.length > 0 && !misfits.some((issue) => isDamaged(event, issue));
}

function isDamaged(event: unknown, issue: z.core.$ZodIssue): boolean {
  // Every set of values in events is one of words.
  if (issue.code === 'invalid_value') return typeof memberOf(event, issue.path) !== 'string';
  return issue.code === 'invalid_type';
}

function memberOf(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (outer: unknown, key) => (typeof outer === 'object' && outer !== null ? Reflect.get(outer, key) : undefined),
    value,
  );
}

export function attemptPrefix(job: string, attempt: number): string {
  return `${storeKeys.events.prefix}${job}/${`${attempt}`.padStart(4, '0')}-`;
}

export function segmentKey(job: string, attempt: number, segment: number): string {
  return `${attemptPrefix(job, attempt)}${`${segment}`.padStart(6, '0')}.json`;
}

export function segmentOf(key: string): { attempt: number; segment: number } {
  const [attempt = 0, segment = 0] = key
    .slice(key.lastIndexOf('/') + 1, -'.json'.length)
    .split('-')
    .map(Number);
  return { attempt, segment };
}
