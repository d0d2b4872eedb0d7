/** Ends a collection between two steps: another process continues it, or another collector is running. */
export class CollectionStopped extends Error {
  override readonly name = 'CollectionStopped';
  /** Whether this process still holds the lease. */
  readonly hasLease: boolean;

  constructor(hasLease: boolean) {
    super('the collection was stopped');
    this.hasLease = hasLease;
  }
}
