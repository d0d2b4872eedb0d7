/** The queues of labels that this tab has, also those of pages that were left before everything was sent. */
import { computed, signal } from '@preact/signals';
import { mayPass } from '../may-pass.ts';

export interface UnsentQueue {
  /** Number of changes that are not sent yet. */
  readonly pending: number;
  readonly isSending: boolean;
  /** Why the last changes were not sent, or were refused and dropped; undefined: there is no such reason. */
  readonly failure: unknown;
  flush(): Promise<boolean>;
}

interface KnownQueue {
  readonly queue: UnsentQueue;
  /** Whether its page is shown, which says itself what is not sent yet. */
  readonly isShown: boolean;
  /** The failure that its page has shown, or that a person has dismissed since. */
  readonly seen?: unknown;
}

const known = signal<readonly KnownQueue[]>([]);

/** Number of changes of pages that were left. */
export const unsentElsewhere = computed(() =>
  known.value.reduce((total, { queue, isShown }) => total + (isShown ? 0 : unsentOf(queue)), 0),
);

/** Why changes of pages that were left were not sent, or were refused, without what a person has seen. */
export const failuresElsewhere = computed(() => known.value.map(failureOf).filter((failure) => failure !== undefined));

/** Adds the queue of a page. @returns to call when the page is left */
export function addQueue(queue: UnsentQueue): () => void {
  known.value = [...known.value, { queue, isShown: true }];
  return () => {
    known.value = known.value.map((each) => (each.queue === queue ? { queue, isShown: false, seen: queue.failure } : each));
    updateUnsent();
  };
}

/** To call after each change of what a queue holds: queues of pages that were left go once everything is sent and seen. */
export function updateUnsent(): void {
  known.value = known.value.filter((each) => each.isShown || unsentOf(each.queue) > 0 || failureOf(each) !== undefined);
}

/** Takes the failures of pages that were left as seen. Changes that are not sent yet stay. */
export function dismissFailures(): void {
  known.value = known.value.map((each) => (each.isShown ? each : { ...each, seen: each.queue.failure }));
  updateUnsent();
}

/** Whether labels would be lost with the tab. */
export function hasUnsent(): boolean {
  return known.value.some(({ queue }) => unsentOf(queue) > 0);
}

/** Sends what is not sent yet. */
export function flushAll(): void {
  for (const { queue } of known.value) if (queue.pending > 0) void queue.flush();
}

/** A label that is being taken back is not pending. */
function unsentOf({ pending, isSending }: UnsentQueue): number {
  return Math.max(pending, isSending ? 1 : 0);
}

/** The queue of a page that was left sends changes again by itself after a failure that may pass. */
function failureOf({ queue: { failure, pending }, isShown, seen }: KnownQueue): unknown {
  if (isShown || failure === seen || (pending > 0 && mayPass(failure))) return undefined;
  return failure;
}
