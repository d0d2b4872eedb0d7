/** Retention: what expires, and after how many days. Data only: S3's lifecycle rules in AWS, a sweep on one machine. */
export interface RetentionRule {
  /** Of the rule. */
  readonly name: string;
  /** Of keys. */
  readonly prefix: string;
  /** Counted from the last write of each object. */
  readonly days: number;
}

// Nothing that refers to anything else: that goes by the garbage collector alone (docs/garbage-collection.md).
export const retentionRules: readonly RetentionRule[] = [
  // Whoever sends a request again does it within minutes; docs/api.md promises a day.
  { name: 'answers-to-repeated-requests', prefix: 'answers/', days: 7 },
  // Nothing is written there any more; earlier versions did.
  { name: 'keys-of-repeated-requests', prefix: 'idempotency/', days: 7 },
  // The record of a job stays, with its states, its error and its result.
  { name: 'events-of-jobs', prefix: 'events/', days: 90 },
  // A dead letter is kept for 14 days, and may be sent once more after them.
  { name: 'marks-of-sent-webhooks', prefix: 'webhooks/', days: 30 },
  { name: 'files-of-failed-uploads', prefix: 'refused/', days: 30 },
  { name: 'forgotten-checkpoints', prefix: 'checkpoints/', days: 30 },
];
