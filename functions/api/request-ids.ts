/** Ids of what a request makes. A request that is repeated with its Idempotency-Key gets the same ids. */
export interface RequestIds {
  /** One id per kind: a request makes at most one thing of each kind. */
  newId(kind: 'job' | 'rollback' | 'upload'): string;
  /** Whether an id was used, so that something may have been made. */
  readonly used: boolean;
}

/** @param suffix made by newIdSuffix() */
export function idsWithSuffix(suffix: string): RequestIds {
  let used = false;
  return {
    newId(kind) {
      used = true;
      return `${kind}-${suffix}`;
    },
    get used() {
      return used;
    },
  };
}
