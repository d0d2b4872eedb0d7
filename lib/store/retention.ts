import { keyKinds } from './store-keys.ts';

/** What expires, and after how many days: a lifecycle rule of S3 in AWS, a sweep on one machine. */
export interface RetentionRule {
  /** Of the rule. */
  readonly name: string;
  /** Of keys. */
  readonly prefix: string;
  /** Counted from the last write of each object. */
  readonly days: number;
}

/** @param settings `featureDays` of the deployment; without it, features do not expire */
export function retentionRules({ featureDays }: { readonly featureDays?: number } = {}): RetentionRule[] {
  return keyKinds.flatMap(({ prefix, expires }) => {
    const days = expires?.days === 'featureDays' ? featureDays : expires?.days;
    return expires === undefined || days === undefined ? [] : [{ name: expires.rule, prefix, days }];
  });
}
