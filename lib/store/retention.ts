import { keyKinds } from './store-keys.ts';

/** Which objects expire, and after how many days: a lifecycle rule of S3 in AWS, a sweep on one machine. */
export interface RetentionRule {
  /** Name of the rule. */
  readonly name: string;
  /** Prefix of the keys. */
  readonly prefix: string;
  /** Days after each object's last write. */
  readonly days: number;
}

/**
 * Returns the retention rules.
 * @param settings `featureDays` of the deployment; without it, features do not expire
 */
export function retentionRules({ featureDays }: { readonly featureDays?: number } = {}): RetentionRule[] {
  return keyKinds.flatMap(({ prefix, expires }) => {
    const days = expires?.days === 'featureDays' ? featureDays : expires?.days;
    return expires === undefined || days === undefined ? [] : [{ name: expires.rule, prefix, days }];
  });
}
