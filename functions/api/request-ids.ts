/** Ids of what a request makes. Repeated under its Idempotency-Key, a request gets the same ones. */
export interface RequestIds {
  /** Each kind has one id: a request makes at most one thing of a kind. */
  newId(kind: 'job' | 'rollback' | 'upload'): string;
  /** Whether an id was taken, so that something may have been made. */
  readonly used: boolean;
}

/** @param suffix as newIdSuffix() makes it */
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
