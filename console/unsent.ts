/** The queues of labels that this tab has, also those of pages that were left before everything was sent. */
import { computed, signal } from '@preact/signals';

export interface UnsentQueue {
  /** Number of changes that are not sent yet. */
  readonly pending: number;
  readonly isSending: boolean;
  flush(): Promise<boolean>;
}

interface KnownQueue {
  readonly queue: UnsentQueue;
  /** Whether its page is shown, which says itself what is not sent yet. */
  readonly isShown: boolean;
}

const known = signal<readonly KnownQueue[]>([]);

/** Number of changes of pages that were left. */
export const unsentElsewhere = computed(() =>
  known.value.reduce((total, { queue, isShown }) => total + (isShown ? 0 : unsentOf(queue)), 0),
);

/** Adds the queue of a page. @returns to call when the page is left */
export function addQueue(queue: UnsentQueue): () => void {
  known.value = [...known.value, { queue, isShown: true }];
  return () => {
    known.value = known.value.map((each) => (each.queue === queue ? { queue, isShown: false } : each));
    updateUnsent();
  };
}

/** To call after each change of what a queue holds: queues of pages that were left go once everything is sent. */
export function updateUnsent(): void {
  known.value = known.value.filter(({ queue, isShown }) => isShown || unsentOf(queue) > 0);
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
