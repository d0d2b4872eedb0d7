/**
 * The segments of the events of an attempt. Only this attempt writes them; the last segment is rewritten as it grows. A
 * replaced worker writes only to the segments of its own attempt.
 */
import { z } from 'zod';
import { JobEvent } from '../contracts/job-event.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';

/** Events per segment, which is read and written as a whole. */
export const SEGMENT_EVENTS = 200;

/** An event of any version of Graft. */
const AnyEvent = z.looseObject({ type: z.string() });
const TYPES: ReadonlySet<string> = new Set(JobEvent.options.map(({ shape }) => shape.type.value));

/** An event whose type only a newer Graft knows becomes undefined. */
const Segment = z.array(z.preprocess((event) => (hasUnknownType(event) ? undefined : event), JobEvent.optional()));

/**
 * Reads the events of a segment. A newer Graft may have written them: keys that this one does not know are ignored.
 * @returns the events at their positions, which cursors count; undefined for one of an unknown type
 * @throws RuntimeError DOCUMENT_UNREADABLE
 */
export async function readSegment(store: ObjectStore, key: string): Promise<(JobEvent | undefined)[]> {
  const object = await store.get(key);
  return object === undefined ? [] : decodeDocument(Segment, key, object.body).value;
}

function hasUnknownType(event: unknown): boolean {
  const { data } = AnyEvent.safeParse(event);
  return data !== undefined && !TYPES.has(data.type);
}

export function attemptPrefix(job: string, attempt: number): string {
  return `${storeKeys.events.prefix}${job}/${`${attempt}`.padStart(4, '0')}-`;
}

export function segmentKey(job: string, attempt: number, segment: number): string {
  return `${attemptPrefix(job, attempt)}${`${segment}`.padStart(6, '0')}.json`;
}

export function placeOf(key: string): { attempt: number; segment: number } {
  const [attempt = 0, segment = 0] = key
    .slice(key.lastIndexOf('/') + 1, -'.json'.length)
    .split('-')
    .map(Number);
  return { attempt, segment };
}
