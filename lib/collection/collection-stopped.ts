/** Ends a collection between two of its steps: it goes on elsewhere, or another collector is at work. */
export class CollectionStopped extends Error {
  override readonly name = 'CollectionStopped';
  /** Whether this process still has the lease. */
  readonly hasLease: boolean;

  constructor(hasLease: boolean) {
    super('the collection was stopped');
    this.hasLease = hasLease;
  }
}
