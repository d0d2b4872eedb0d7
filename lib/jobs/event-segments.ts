/**
 * The segments of the events of an attempt. Only this attempt writes them; the last segment is rewritten as it grows. A
 * replaced worker writes only to the segments of its own attempt.
 */
import { z } from 'zod';
import { JobEvent } from '../contracts/job-event.ts';
import type { ObjectStore } from '../ports.ts';
import { storeKeys } from '../store/store-keys.ts';

/** Events per segment, which is read and written as a whole. */
export const SEGMENT_EVENTS = 200;

const Segment = z.array(JobEvent);

export async function readSegment(store: ObjectStore, key: string): Promise<JobEvent[]> {
  const object = await store.get(key);
  return object === undefined ? [] : Segment.parse(JSON.parse(new TextDecoder().decode(object.body)));
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
